import type { TrunkWords } from "../../i18n/trunks";
import { seconds } from "./figures";
import type { Measured, TestRun, Trunk } from "./types";

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

/** The runs of the same script that were before one, newest first. */
export function before(runs: readonly TestRun[], run: TestRun): TestRun[] {
  return runs.filter((one) => one.test === run.test && one.started_at < run.started_at);
}

/** Whether a run has to be named: the trunk has several tests, or had. */
export function areNamed(tests: Trunk["test"]["tests"], runs: readonly TestRun[]): boolean {
  return tests.length > 1 || runs.some((one) => one.test !== runs[0]?.test);
}

const isMeasured = (what: string): what is Measured => MEASURED.some((one) => one === what);

/** A place that a caller got to, in words: menu:main is "menu main". */
function placeText(place: string, { place: words }: TrunkWords["run"]): string {
  const [kind = "", ...name] = place.split(":");
  return [words[kind] ?? kind, name.join(":")].filter(Boolean).join(" ");
}

/** What is otherwise than in the runs before, as a sentence. */
export function changeText(change: TestRun["changes"][number], words: TrunkWords["run"]): string {
  const { what, before: was, now } = change;
  if (isMeasured(what)) {
    const time = (text: string) => seconds(Number.parseFloat(text));
    return words.slower(words.second[what], time(was), time(now));
  }
  const way = (text: string) =>
    text
      .split(" > ")
      .map((one) => (one === "-" ? words.nowhere : placeText(one, words)))
      .join(", ");
  return words.otherWay(way(was), way(now));
}
