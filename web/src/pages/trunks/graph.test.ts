import { beforeEach, describe, expect, it } from "vitest";
import { language } from "../../i18n/language";
import { bandsOf, ceiling, linePath, pointAt, shareUp, ticksOf, xOf } from "./graph";
import type { Episode, Point } from "./types";

const NOW = new Date(2026, 10, 22, 11, 24).getTime();
const HOUR = 3_600_000;
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

beforeEach(() => language.set("it"));

describe("the graph", () => {
  const frame = { from: NOW - 24 * HOUR, to: NOW };
  const episode = (from: number, until: number | null, state: Episode["state"]): Episode => ({
    at: at(from),
    until: until === null ? null : at(until),
    state,
    cause: null,
    remedy: null,
    words: {},
  });
  const point = (hours: number, rtt: number | null): Point => ({
    at: at(hours),
    rtt_ms: rtt,
    channels: 1,
    calls: 2,
    failed: 0,
  });

  it("keeps moments within its width", () => {
    expect([xOf(NOW - 48 * HOUR, frame, 240), xOf(NOW - 12 * HOUR, frame, 240)]).toEqual([0, 120]);
    expect([0, 1.2, 7, 640, 23].map(ceiling)).toEqual([1, 1.5, 8, 800, 30]);
  });

  it("draws short faults so that they are seen, and nothing of what was before", () => {
    const bands = bandsOf(
      [episode(-50, -30, "down"), episode(-30, -1.001, "up"), episode(-1.001, -1, "down")],
      frame,
      240,
    );
    expect(bands.map((one) => [one.state, one.width >= 2])).toEqual([
      ["up", true],
      ["down", true],
    ]);
  });

  it("draws no line where nothing is known", () => {
    const scale = { frame, width: 240, height: 10, top: 10, step: HOUR };
    const path = linePath(
      [point(-5, 5), point(-4, 5), point(-3, null), point(-2, 5), point(-0.4, 5)],
      (one) => one.rtt_ms,
      scale,
    );
    expect(path.match(/M/g)).toHaveLength(3);
    expect(path.match(/L/g)).toHaveLength(1);
  });

  it("finds the point under the pointer, none in a gap", () => {
    const points = [point(-12, 5), point(-6, 5)];
    expect(pointAt(points, 121, frame, 240, HOUR)).toBe(points[0]);
    expect(pointAt(points, 150, frame, 240, HOUR)).toBeNull();
  });

  it("counts as working only what was seen", () => {
    expect(
      shareUp(
        [episode(-24, -12, "unknown"), episode(-12, -6, "up"), episode(-6, null, "down")],
        frame,
      ),
    ).toBe(0.5);
    expect(shareUp([episode(-24, null, "unknown")], frame)).toBeNull();
  });

  it("has room for what is written under it", () => {
    expect(ticksOf("day", frame, 240).map((one) => one.label)).toEqual(["12:00", "0:00"]);
    expect(ticksOf("day", frame, 900)).toHaveLength(8);
    const quarter = { from: NOW - 90 * 24 * HOUR, to: NOW };
    expect(ticksOf("quarter", quarter, 900).length).toBeGreaterThan(4);
  });
});
