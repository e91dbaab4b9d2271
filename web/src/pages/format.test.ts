import { beforeEach, describe, expect, it } from "vitest";
import { language } from "../i18n/language";
import { age, dayTitle, fieldTime, shortly, spoken } from "./format";

const NOW = new Date(2026, 10, 19, 11, 24, 31).getTime();
const spaced = (text: string) => text.replace(/\u00a0/g, " ");

describe("times of the pages", () => {
  beforeEach(() => language.set("it"));

  it("heads a day with its weekday, and the year when it is another", () => {
    expect(spaced(dayTitle(NOW, NOW))).toBe("Oggi, giovedì 19 novembre");
    expect(spaced(dayTitle(new Date(2026, 10, 18, 9), NOW))).toBe("Mercoledì 18");
    expect(spaced(dayTitle(new Date(2026, 10, 2, 9), NOW))).toBe("Lunedì 2 novembre");
    expect(spaced(dayTitle(new Date(2025, 10, 18), NOW))).toBe("Martedì 18 novembre 2025");
  });

  it("shows the time of today and the day of everything else", () => {
    expect(shortly(new Date(2026, 10, 19, 8, 1), NOW)).toBe("8:01");
    expect(shortly(new Date(2026, 10, 18, 8, 1), NOW)).toBe("ieri");
  });

  it("says lengths and ages as people do", () => {
    expect(spaced(spoken(398))).toBe("6 min 38 s");
    expect(spaced(spoken(3720))).toBe("1 h 02 min");
    expect(spaced(age(20_000))).toBe("1 min");
    expect(spaced(age(65 * 60_000))).toBe("1 h 05");
    expect(spaced(age(16 * 3_600_000))).toBe("16 h");
    expect(spaced(age(3 * 86_400_000))).toBe("3 giorni");
  });

  it("fills a field for times in local time", () => {
    expect(fieldTime(NOW)).toBe("2026-11-19T11:24");
  });
});
