import { beforeEach, expect, test } from "vitest";
import { about, day, moment, phone, span } from "./format";
import { language } from "./language";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const NOW = new Date(2026, 10, 22, 11, 24).getTime();

beforeEach(() => language.set("it"));

test.each([
  ["+393331234567", "+39 333 123 4567"],
  ["+390212345678", "+39 02 1234 5678"],
  ["+442079460000", "+44 207 946 0000"],
  ["1002", "1002"],
  ["anonymous", "anonymous"],
])("a number is shown in groups, what is none stays: %s", (given, shown) => {
  expect(plain(phone(given))).toBe(shown);
});

test("a running time never shows a negative one", () => {
  expect([span(48_000), span(250_000), span(3_723_000), span(-5)]).toEqual([
    "0:48",
    "4:10",
    "1:02:03",
    "0:00",
  ]);
});

test("a time that does not tick is said in its largest unit", () => {
  const said = [30_000, 48 * 60_000, 2 * 3_600_000, 3 * 86_400_000].map(about).map(plain);
  expect(said).toEqual(["30 s", "48 min", "2 h", "3 giorni"]);
});

test("days near now have names, in the page's language", () => {
  const at = (d: number) => new Date(2026, 10, d, 9, 40);
  expect([day(at(22), NOW), day(at(21), NOW), day(at(23), NOW)]).toEqual([
    "oggi",
    "ieri",
    "domani",
  ]);
  expect(moment(at(17), NOW)).toBe("mar 17, 9:40");
  language.set("en");
  expect(moment(at(21), NOW)).toBe("yesterday 9:40");
});
