import type { CallRecord, MissedCustomer } from "../../api/shapes";
import type { Words } from "../../i18n";
import { clock, moment, span } from "../../i18n/format";
import type { Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { age, dayKey } from "../format";

type Reason = MissedCustomer["reasons"][number];

/** Why a customer is to be called back before others. */
export interface Why {
  icon: IconName;
  tone: Tone;
  text: string;
}

const SIGNS: Record<Reason, readonly [IconName, Tone]> = {
  at_risk: ["risk", "risk"],
  promise_broken: ["flag", "risk"],
  promise_due: ["flag", "warn"],
  vip: ["star", "mid"],
  several_calls: ["again", "warn"],
  message: ["play", "mid"],
  waited: ["wait", "warn"],
  closed_hours: ["clock", "mid"],
  missed: ["miss", "mid"],
};
// beyond two reasons a sentence is no longer read
const SHOWN = 2;

/** How long they have waited; where hours count, only while somebody was there. */
export function waitingFor(item: MissedCustomer, now: number): number {
  if (!item.hours) return now - Date.parse(item.last_at);
  const { at, open, changes_at, open_s } = item.hours;
  const until = changes_at === null ? now : Math.min(now, Date.parse(changes_at));
  return open_s * 1000 + (open ? Math.max(0, until - Date.parse(at)) : 0);
}

/** When somebody is there again for who called while nobody was; null if that is no matter. */
export function opensAt(item: MissedCustomer, now: number): string | null {
  if (!item.hours || item.hours.open || item.hours.open_s > 0) return null;
  const { changes_at } = item.hours;
  return changes_at !== null && Date.parse(changes_at) > now ? changes_at : null;
}

/** Whether they called only while nobody could have answered. */
export function onlyClosed(item: MissedCustomer): boolean {
  return item.reasons.includes("closed_hours");
}

/** Say why: the most severe reason with what proves it, then the next one. */
export function whyNow(item: MissedCustomer, now: number, words: Words["pages"]): Why {
  const [first] = item.reasons;
  const [icon, tone] = first === undefined ? (["miss", "mid"] as const) : SIGNS[first];
  const said = item.reasons.slice(0, SHOWN).map((reason) => sentence(reason, item, now, words));
  if (first === "at_risk" && said.length === 1) said.push(words.missed.attemptsMade(item.attempts));
  const parts = said.length > 0 ? said : [words.missed.reason.none];
  if (item.tried > 0) parts.push(words.missed.tried(item.tried));
  const text = parts.join(", ");
  return { icon, tone, text: text.charAt(0).toUpperCase() + text.slice(1) };
}

function sentence(reason: Reason, item: MissedCustomer, now: number, all: Words["pages"]): string {
  const words = all.missed.reason;
  switch (reason) {
    case "promise_due":
      return words.promise_due(due(item, now, all));
    case "several_calls":
      return words.several_calls(item.attempts);
    case "waited":
      return words.waited(span(item.longest_wait_s * 1000));
    case "missed":
      return item.last_outcome === "busy" ? words.busy : words.missed;
    default:
      return words[reason];
  }
}

function due(item: MissedCustomer, now: number, words: Words["pages"]): string {
  if (item.promise === null) return "";
  const at = Date.parse(item.promise.due_at);
  const when = dayKey(at) === dayKey(now) ? clock(at) : moment(at, now);
  return at > now ? `${when}, ${words.promises.in(age(at - now))}` : when;
}

/** The call in which somebody is talking with the customer at this moment, as far as one may see. */
export function talkingCall(
  item: MissedCustomer,
  calls: ReadonlyMap<string, CallRecord>,
): CallRecord | null {
  for (const call of calls.values()) {
    if (call.answered_at === null) continue;
    const theirs = call.direction === "inbound" ? call.caller.e164 : call.called.e164;
    const same =
      item.contact !== null && call.contact?.match === "exact"
        ? call.contact.id === item.contact.id
        : theirs === item.number;
    if (same) return call;
  }
  return null;
}
