import type { CallRecord } from "../../api/shapes";
import type { Words } from "../../i18n";
import { phone, span } from "../../i18n/format";
import type { Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";

/** The party outside the company; of an internal call whoever was called. */
export function otherNumber(call: CallRecord): string | null {
  const party = call.direction === "inbound" ? call.caller : call.called;
  return party.e164 ?? party.number;
}

/** How the other side is called: by the directory if it is certain, else by number. */
export function otherName(call: CallRecord, words: Words["pages"]): string {
  const { contact } = call;
  if (contact?.name && (contact.match === "exact" || contact.match === "company")) {
    return contact.name;
  }
  if (call.direction === "inbound" && call.caller.presentation === "withheld") {
    return words.common.withheld;
  }
  const number = otherNumber(call);
  return number === null ? words.common.unknown : phone(number);
}

/** Who of ours had the call: an extension, null if nobody. */
export function ourPhone(call: CallRecord): string | null {
  if (call.direction === "outbound") return call.caller.number;
  return call.final_talker ?? call.answered_by;
}

/** The sign of a call and how much it weighs. */
export function signOf(call: CallRecord): { icon: IconName; tone: Tone | undefined } {
  if (call.state === "live") return { icon: "phone", tone: "ok" };
  if (call.outcome === "answered") {
    return { icon: call.direction === "outbound" ? "out" : "ring", tone: undefined };
  }
  if (call.outcome === "voicemail") return { icon: "play", tone: "mid" };
  if (call.direction === "inbound") return { icon: "miss", tone: "risk" };
  return { icon: call.direction === "outbound" ? "out" : "phone", tone: "dim" };
}

/** The outcome in one word or two. */
export function outcomeOf(call: CallRecord, { call: words }: Words["pages"]): string {
  if (call.state === "live") return words.live;
  return call.outcome === null ? words.outcomeUnknown : words[call.outcome];
}

/** What happened, as whole sentences; `people` says whose phone an extension is. */
export function saidOf(
  call: CallRecord,
  words: Words["pages"],
  people: (extension: string) => string,
): string {
  const end = call.ended_by === null ? null : words.call.endedBy[call.ended_by];
  const told = [firstSentence(call, words, people), call.outcome === "answered" ? end : null];
  return told.filter(Boolean).join(" ");
}

function firstSentence(
  call: CallRecord,
  { call: words }: Words["pages"],
  people: (extension: string) => string,
): string {
  const { outcome } = call;
  if (call.state === "live") return words.said.live;
  if (outcome === null) return words.said.unknown;
  if (call.direction === "outbound" && outcome in words.outSaid) {
    return words.outSaid[outcome as keyof typeof words.outSaid];
  }
  if (outcome === "answered") {
    const who = call.answered_by;
    return who === null ? words.said.answeredUnknown : words.said.answered(people(who));
  }
  if (outcome === "abandoned") {
    const waited = call.seconds.wait ?? call.seconds.ring;
    return waited === null ? words.said.abandonedNoWait : words.said.abandoned(span(waited * 1000));
  }
  return words.said[outcome];
}

/** What of the record is not whole, said plainly; empty for a whole one. */
export function doubtsOf(call: CallRecord, { call: words }: Words["pages"]): string[] {
  const doubts = call.complete ? [] : [words.incomplete];
  if (call.end === "unseen" || call.end === "pbx_restart" || call.end === "backfilled") {
    doubts.push(words.end[call.end]);
  }
  return doubts;
}

/** Whether a login took part and has not said yet how an ended call was. */
export function lacksWrapUp(call: CallRecord, login: string): boolean {
  const said = call.wrap_ups.some((one) => one.agent === login && one.disposition !== null);
  return call.state === "ended" && call.outcome === "answered" && !said;
}
