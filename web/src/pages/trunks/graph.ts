import { clock } from "../../i18n/format";
import { language } from "../../i18n/language";
import type { Episode, Point, TrunkState } from "./types";

export type Span = "day" | "week" | "quarter";
export const SPANS: readonly Span[] = ["day", "week", "quarter"];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const SPAN_MS: Readonly<Record<Span, number>> = {
  day: DAY,
  week: 7 * DAY,
  quarter: 90 * DAY,
};
const LOCALES = { it: "it", en: "en-GB" } as const;

/** The time that a graph shows, in milliseconds. */
export interface Frame {
  from: number;
  to: number;
}

/** Where a moment stands, from 0 to the width; never outside. */
export function xOf(at: number, { from, to }: Frame, width: number): number {
  return Math.max(0, Math.min(width, ((at - from) / (to - from)) * width));
}

/** The next round figure above a value; at least 1. */
export function ceiling(value: number): number {
  if (value <= 1) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((one) => one * ten).find((one) => one >= value) ?? value
  );
}

export interface Tick {
  at: number;
  label: string;
}

/** Moments to write under a graph: full hours or midnights of this computer, not too near. */
export function ticksOf(span: Span, frame: Frame, width: number): Tick[] {
  const steps = { day: [3, 6, 12], week: [1, 2, 4], quarter: [14, 28, 56] }[span];
  const room = Math.max(2, Math.floor(width / 64));
  const unit = span === "day" ? HOUR : DAY;
  const wanted = (frame.to - frame.from) / unit / room;
  const step = steps.find((one) => one >= wanted) ?? steps.at(-1) ?? 1;
  const first = new Date(frame.from);
  first.setHours(0, 0, 0, 0);
  const ticks: Tick[] = [];
  // by the calendar: a day of 23 or 25 hours stays a day
  for (let n = 0; n < 200; n += 1) {
    const at = new Date(first);
    if (span === "day") at.setHours(n * step);
    else at.setDate(first.getDate() + n * step);
    if (at.getTime() > frame.to) break;
    if (at.getTime() >= frame.from) ticks.push({ at: at.getTime(), label: labelOf(at, span) });
  }
  return ticks;
}

function labelOf(at: Date, span: Span): string {
  if (span === "day") return clock(at);
  const options: Intl.DateTimeFormatOptions =
    span === "week" ? { weekday: "short", day: "numeric" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(LOCALES[language.get()], options).format(at);
}

export interface Band {
  state: TrunkState;
  x: number;
  width: number;
}

/** The states as pieces of one band; no piece is too thin to be seen. */
export function bandsOf(states: readonly Episode[], frame: Frame, width: number): Band[] {
  return states.flatMap((one) => {
    const until = one.until === null ? frame.to : Date.parse(one.until);
    const at = Date.parse(one.at);
    if (until <= frame.from || at >= frame.to) return [];
    const x = xOf(at, frame, width);
    const seen = Math.max(one.state === "up" ? 0 : 2, xOf(until, frame, width) - x);
    return seen > 0 ? [{ state: one.state, x: Math.min(x, width - seen), width: seen }] : [];
  });
}

interface Scale {
  frame: Frame;
  width: number;
  height: number;
  top: number;
  step: number;
}

/** A line through what is known; where nothing is known there is no line. */
export function linePath(
  points: readonly Point[],
  pick: (point: Point) => number | null,
  { frame, width, height, top, step }: Scale,
): string {
  const parts: string[] = [];
  let last: number | null = null;
  for (const point of points) {
    const value = pick(point);
    const at = Date.parse(point.at);
    if (value === null) {
      last = null;
      continue;
    }
    const x = xOf(at + step / 2, frame, width).toFixed(1);
    const y = (height - (Math.min(value, top) / top) * height).toFixed(1);
    if (last === null || at - last > 1.5 * step) {
      // one value alone is a dot: a line of no length with round ends
      parts.push(`M${x} ${y}h0`);
    } else parts.push(`L${x} ${y}`);
    last = at;
  }
  return parts.join("");
}

/** How much of the time that was observed a trunk worked, from 0 to 1; null if none was. */
export function shareUp(states: readonly Episode[], frame: Frame): number | null {
  let up = 0;
  let seen = 0;
  for (const one of states) {
    const until = one.until === null ? frame.to : Math.min(Date.parse(one.until), frame.to);
    const length = until - Math.max(Date.parse(one.at), frame.from);
    if (length <= 0 || one.state === "unknown") continue;
    seen += length;
    if (one.state !== "down") up += length;
  }
  return seen === 0 ? null : up / seen;
}

/** The point whose time a place on the graph is in; null between points. */
export function pointAt(
  points: readonly Point[],
  x: number,
  frame: Frame,
  width: number,
  step: number,
): Point | null {
  const at = frame.from + (x / width) * (frame.to - frame.from);
  return points.find((one) => Date.parse(one.at) <= at && at < Date.parse(one.at) + step) ?? null;
}
