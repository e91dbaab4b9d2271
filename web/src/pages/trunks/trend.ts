import type { Measured, TestRun } from "./types";

export const MEASURED: readonly Measured[] = [
  "post_dial_delay",
  "ring",
  "to_answer",
  "to_person",
  "talk",
];

/** The middle of what earlier runs measured; null with fewer than two of them. */
export function usual(earlier: readonly TestRun[], what: Measured): number | null {
  const known = earlier
    .filter((one) => one.state === "passed" || one.state === "changed")
    .flatMap((one) => one.seconds[what] ?? [])
    .toSorted((a, b) => a - b);
  if (known.length < 2) return null;
  const middle = Math.floor(known.length / 2);
  const upper = known[middle] ?? 0;
  return known.length % 2 === 1 ? upper : ((known[middle - 1] ?? upper) + upper) / 2;
}

/** What a trend is drawn of: the time to a person if runs reach one, else to the answer. */
export function trendOf(runs: readonly TestRun[]): Measured {
  return runs.some((one) => one.seconds.to_person !== null) ? "to_person" : "to_answer";
}

/** The runs that were before one, newest first. */
export function before(runs: readonly TestRun[], run: TestRun): TestRun[] {
  return runs.filter((one) => one.id !== run.id && one.started_at < run.started_at);
}
