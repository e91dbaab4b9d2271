/** Cues as the card shows them: icon, word and reason in one breath. */

import { about, moment, span } from "../i18n/format";
import type { Tone } from "../ui/Icon";
import type { IconName } from "../ui/icons";
import type { People } from "./naming";
import type { Cue } from "./types";
import { type CardWords, languageName } from "./words";

export interface ShownCue {
  readonly key: string;
  readonly icon: IconName;
  readonly tone: Tone | undefined;
  readonly word: string;
  readonly reason: string;
}

const ICONS: Readonly<Record<string, IconName>> = {
  spoofed: "info",
  at_risk: "risk",
  several_calls: "again",
  promise_broken: "flag",
  promise_due: "flag",
  gave_up: "wait",
  not_answered: "miss",
  called_closed: "clock",
  bounced: "move",
  long_wait: "wait",
  vip: "star",
  language: "say",
  form_of_address: "say",
  ignored: "hidden",
};
const TONES: Readonly<Record<string, Tone>> = { risk: "risk", warn: "warn" };

/** What the slots show: form of address and language stand among the facts already. */
export function shownCues(
  cues: readonly Cue[],
  words: CardWords,
  people: People,
  now: number,
): ShownCue[] {
  return inOrder(cues).map((cue) => ({
    key: cue.kind,
    icon: ICONS[cue.kind] ?? "info",
    tone: TONES[cue.severity],
    word: cueWord(cue, words, now),
    reason: cueReason(cue, words, people, now),
  }));
}

/** The band says "at risk" itself: the cues that prove it come first. */
function inOrder(cues: readonly Cue[]): Cue[] {
  const shown = cues.filter((cue) => cue.kind !== "form_of_address" && cue.kind !== "language");
  const weight = (cue: Cue) => (cue.kind === "at_risk" ? 1 : cue.severity === "plain" ? 2 : 0);
  return shown.sort((a, b) => weight(a) - weight(b));
}

function cueWord(cue: Cue, words: CardWords, now: number): string {
  const number = (name: string) => Number(cue.args[name] ?? 0);
  const time = (name: string) => span(number(name) * 1_000);
  switch (cue.kind) {
    case "spoofed":
      return words.cue_spoofed;
    case "at_risk":
      return words.cue_at_risk;
    case "several_calls":
      return words.cue_several_calls(number("calls"), number("days"));
    case "promise_broken":
      return words.cue_promise_broken;
    case "promise_due":
      return words.cue_promise_due(at(cue, "due_at", now));
    case "gave_up":
      return words.cue_gave_up(time("waited_s"));
    case "not_answered":
      return words.cue_not_answered;
    case "called_closed":
      return words.cue_called_closed;
    case "bounced":
      return words.cue_bounced(number("times"));
    case "long_wait":
      return words.cue_long_wait(time("waited_s"));
    case "vip":
      return words.cue_vip;
    case "language":
      return words.cue_language(languageName(text(cue, "language")));
    case "form_of_address":
      return cue.args.form === "informal" ? words.cue_informal : words.cue_formal;
    case "ignored":
      return words.cue_ignored;
    default:
      return cue.kind;
  }
}

function cueReason(cue: Cue, words: CardWords, people: People, now: number): string {
  switch (cue.reason) {
    case "marked_in_directory":
      return words.because_marked_in_directory;
    case "verification_failed":
      return words.because_verification_failed;
    case "called_within":
      return words.because_called_within;
    case "promised_for": {
      const by = people.byLogin(text(cue, "by"));
      const when = cue.kind === "promise_due" ? "" : at(cue, "due_at", now);
      return [text(cue, "text"), when, by].filter(Boolean).join(" · ");
    }
    case "waited_and_hung_up":
      return `${upper(at(cue, "at", now))}, ${words.ago(about(now - Date.parse(text(cue, "at"))))}`;
    case "nobody_answered":
      return words.because_nobody_answered(at(cue, "at", now), Number(cue.args.attempts ?? 1));
    case "called_while_closed":
      return words.because_called_closed(at(cue, "at", now), Number(cue.args.attempts ?? 1));
    case "handed_over_in_call":
      return words.because_handed_over;
    case "waited_in_queue":
      return words.because_waited_in_queue;
    case "line_called":
      return words.because_line_called;
    case "on_the_list":
      return text(cue, "text");
    default:
      return "";
  }
}

function text(cue: Cue, name: string): string {
  const value = cue.args[name];
  return typeof value === "string" ? value : "";
}

function at(cue: Cue, name: string, now: number): string {
  const value = text(cue, name);
  return value === "" ? "" : moment(value, now);
}

function upper(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
