import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { desk } from "../api/store";
import { language } from "../i18n/language";
import { type Kept, keepPreferences, merged } from "./keeping";
import { adopt, type Choices, choicesHere, prefer } from "./preferences";
import { session } from "./session";

const OWN: Choices = {
  language: "it",
  theme: "light",
  sound: true,
  volume: 0.6,
  notifications: true,
  singleKeys: true,
};
const UNTOUCHED: Kept = {
  language: null,
  theme: null,
  sound: true,
  volume: 100,
  notifications: false,
  single_keys: true,
};
const UNSENT = "filodiretto.preferences.unsent";

test.each<[string, Kept, Partial<Choices>, Choices]>([
  ["nothing is kept yet: this browser's own", UNTOUCHED, {}, OWN],
  [
    "what a page kept wins whole, also where it is the usual",
    { ...UNTOUCHED, language: "en" },
    {},
    { ...OWN, language: "en", theme: "auto", volume: 1, notifications: false },
  ],
  [
    "one thing was set by a program: that one",
    { ...UNTOUCHED, theme: "dark" },
    {},
    { ...OWN, theme: "dark" },
  ],
  [
    "what was chosen here and not sent yet wins over all",
    { ...UNTOUCHED, language: "en", theme: "dark" },
    { theme: "auto", volume: 0.2 },
    { ...OWN, language: "en", theme: "auto", volume: 0.2, notifications: false },
  ],
])("%s", (_, kept, chosen, expected) => {
  expect(merged(OWN, kept, chosen)).toEqual(expected);
});

interface Asked {
  method: string;
  body: Partial<Kept> | null;
}

/** A daemon that keeps one row, and can be away. */
function daemon(row: Kept) {
  const it = { row, away: false, asked: [] as Asked[] };
  vi.stubGlobal("fetch", async (_: string, options: RequestInit) => {
    const body = options.body ? (JSON.parse(String(options.body)) as Partial<Kept>) : null;
    it.asked.push({ method: String(options.method), body });
    if (it.away) throw new TypeError("no answer");
    it.row = { ...it.row, ...body };
    return new Response(JSON.stringify(it.row), { status: 200 });
  });
  return it;
}

const enter = (login: string) => {
  desk.set({ ...desk.get(), me: { login } as never });
  session.set({ phase: "in", over: null });
};
const writes = (asked: readonly Asked[]) => asked.filter((one) => one.method === "PATCH");

let stop: () => void;
beforeEach(() => {
  localStorage.clear();
  adopt({ ...OWN, soundAlways: false });
  session.set({ phase: "out", over: null });
  stop = keepPreferences();
});
afterEach(() => {
  session.set({ phase: "out", over: null });
  stop();
  vi.unstubAllGlobals();
});

test("who signs in finds their own choices, and changes one of them alone", async () => {
  const it = daemon({ ...UNTOUCHED, language: "en", theme: "dark", volume: 20 });
  enter("anna");
  await vi.waitFor(() => expect(choicesHere().theme).toBe("dark"), 20_000);
  expect([language.get(), choicesHere().volume]).toEqual(["en", 0.2]);
  expect(writes(it.asked)).toEqual([]);
  prefer({ theme: "auto" });
  await vi.waitFor(
    () => expect(writes(it.asked)).toEqual([{ method: "PATCH", body: { theme: null } }]),
    20_000,
  );
  await vi.waitFor(() => expect(localStorage.getItem(UNSENT)).toBeNull(), 20_000);
});

test("the first choice keeps all that is seen, so the next machine looks the same", async () => {
  const it = daemon(UNTOUCHED);
  enter("anna");
  prefer({ singleKeys: false });
  await vi.waitFor(() => expect(it.row.single_keys).toBe(false), 20_000);
  expect(it.row).toEqual({
    language: "it",
    theme: "light",
    sound: true,
    volume: 60,
    notifications: true,
    single_keys: false,
  });
});

test("a choice that could not be written is written at the next sign-in of the same person", async () => {
  const it = daemon({ ...UNTOUCHED, language: "it" });
  it.away = true;
  enter("anna");
  prefer({ theme: "dark" });
  await vi.waitFor(() => expect(it.asked.length).toBeGreaterThan(0), 20_000);
  session.set({ phase: "out", over: null });
  it.away = false;
  enter("luca");
  await vi.waitFor(() => expect(choicesHere().theme).toBe("auto"), 20_000);
  expect(it.row.theme).toBeNull();
  session.set({ phase: "out", over: null });
  enter("anna");
  await vi.waitFor(() => expect(it.row.theme).toBe("dark"), 20_000);
});
