import { describe, expect, it } from "vitest";
import { opened } from "./opening";
import { proposals } from "./proposals";

const at = (text: string) => new Date(text).getTime();

describe("times to promise", () => {
  it("stay where somebody is there, or nobody knows", () => {
    const found = proposals(at("2026-11-20T11:00"));
    expect(opened(found, [null, null, null], at("2026-11-20T11:00"))).toEqual(found);
  });

  it("give way to the opening after a holiday, which is offered once", () => {
    const now = at("2026-12-24T17:20");
    const found = proposals(now);
    const opens = new Date("2026-12-28T09:00");
    const openings = [opens.toISOString(), opens.toISOString(), opens.toISOString()];
    expect(opened(found, openings, now)).toEqual([{ kind: "day", at: opens }]);
  });

  it("are named by the day they fall on then", () => {
    const now = at("2026-11-18T07:10");
    const found = proposals(now);
    const [first] = opened(found, [new Date("2026-11-18T09:00").toISOString(), null, null], now);
    expect(first).toEqual({ kind: "today", at: new Date("2026-11-18T09:00") });
    const evening = at("2026-11-18T19:30");
    const [next] = opened(
      proposals(evening),
      [new Date("2026-11-19T09:00").toISOString(), null, null],
      evening,
    );
    expect(next?.kind).toBe("tomorrow");
  });
});
