/** The last contacts as rows of the thread, the present call first. */

import { clock, moment, span } from "../i18n/format";
import type { IconName } from "../ui/icons";
import { shortName } from "./band";
import type { People } from "./naming";
import type { Card, PastItem } from "./types";
import type { CardWords } from "./words";

export interface Noted {
  readonly text: string;
  readonly by: string;
}

export interface PastRow {
  readonly key: string;
  readonly icon: IconName;
  readonly tone: "risk" | "warn" | "now" | null;
  readonly time: string;
  /** What people noted of it, each in quotation marks and, of several, with whose it is. */
  readonly notes: readonly Noted[];
  readonly text: string;
  readonly more: string;
  readonly by: string;
}

const NONE: readonly Noted[] = [];

/** The row of the call the card is about. */
export function presentRow(card: Card, words: CardWords, people: People, me: string): PastRow {
  const { pop } = card;
  const call = pop.call;
  const row = {
    key: "now",
    icon: "phone" as IconName,
    tone: "now" as const,
    notes: NONE,
    by: "",
  };
  if (card.phase === "talk") {
    return {
      ...row,
      time: words.now,
      text: words.talksWith(me),
      more: movesText(card, words, people),
    };
  }
  if (card.phase === "ended") {
    const outcome = call.outcome === null ? words.gone_over : words[`outcome_${call.outcome}`];
    const talk =
      call.seconds.talk === null ? "" : `${words.channel_call}, ${inWords(call.seconds.talk)}`;
    const time = call.started_at === null ? words.now : clock(call.started_at);
    return { ...row, icon: "tick", time, text: outcome, more: talk, by: me };
  }
  const where = call.queue ?? pop.line?.label ?? call.line;
  const from = pop.handoff?.by ? people.byLogin(pop.handoff.by) : "";
  const out = call.direction === "outbound" ? words.calledOut : null;
  const text = from ? words.callsYou(from) : (out ?? (where ? words.calls(where) : words.callsNow));
  return { ...row, time: words.now, text, more: from ? "" : movesText(card, words, people) };
}

function movesText(card: Card, words: CardWords, people: People): string {
  return card.pop.call.transfers
    .filter((move) => move.completed && move.to !== null)
    .slice(-2)
    .map((move) => words.movedTo(people.byExtension(move.to) || (move.to ?? "")))
    .join(" · ");
}

/** One earlier contact on any channel. */
export function pastRow(item: PastItem, words: CardWords, people: People, now: number): PastRow {
  const time = upper(moment(item.at, now));
  const by = whose(item, people) || (item.missed ? words.nobody : "");
  const row = { key: `${item.kind}:${item.id}`, time, by };
  if (item.kind === "promise") return { ...row, ...promiseRow(item, words) };
  if (item.missed) return { ...row, ...missedRow(item, words) };
  return { ...row, ...contactRow(item, words, people) };
}

type Body = Pick<PastRow, "icon" | "tone" | "notes" | "text" | "more">;

function promiseRow(item: PastItem, words: CardWords): Body {
  const state = item.promise?.state ?? "open";
  const said = {
    open: words.promised,
    broken: words.promiseNotKept,
    kept: words.promiseKept,
    withdrawn: words.promiseWithdrawn,
  }[state];
  const tone = state === "broken" ? "risk" : null;
  return { icon: "flag", tone, notes: NONE, text: said, more: item.text ?? "" };
}

function missedRow(item: PastItem, words: CardWords): Body {
  const waited = item.wait_s === null ? words.hungUp : words.hungUpAfter(span(item.wait_s * 1_000));
  const gaveUp = item.outcome === "abandoned";
  const text = gaveUp || item.outcome === null ? waited : words[`outcome_${item.outcome}`];
  const more = item.queue ? words.queueNobody(item.queue) : (item.line ?? "");
  return { icon: "miss", tone: "risk", notes: NONE, text, more };
}

function contactRow(item: PastItem, words: CardWords, people: People): Body {
  const said = item.wrap_ups.at(-1);
  const call = item.kind === "call";
  const notes = item.wrap_ups.flatMap((one) =>
    one.note === null ? [] : [{ text: one.note, by: shortName(people.byLogin(one.agent)) }],
  );
  const outcome = item.outcome === null ? null : words[`outcome_${item.outcome}`];
  const text =
    said?.disposition ??
    item.subject ??
    item.text ??
    (call ? (outcome ?? words.talking) : words[`channel_${item.channel}`]);
  const talked = item.talk_s === null ? null : inWords(item.talk_s);
  const channel =
    talked === null
      ? words[`channel_${item.channel}`]
      : `${words[`channel_${item.channel}`]}, ${talked}`;
  const subtitle = item.subject !== null && item.text !== null ? item.text : null;
  const more = [channel, notes.length === 0 ? null : said?.disposition, item.queue, subtitle];
  const icon: IconName = call
    ? item.direction === "outbound"
      ? "out"
      : "ring"
    : item.channel === "mail"
      ? "mail"
      : "say";
  return { icon, tone: null, notes, text, more: more.filter(Boolean).join(" · ") };
}

function whose(item: PastItem, people: People): string {
  return item.who
    .map(
      (one) =>
        one.logins.map((login) => people.byLogin(login)).join(", ") ||
        people.byExtension(one.extension),
    )
    .filter(Boolean)
    .join(", ");
}

/** "Oggi 11:02" begins a row; "mar 17, 9:40" is written small everywhere. */
function upper(words: string): string {
  return words.includes(",") ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

/** A length in words: 40 s, 6 min 31 s, 1 h 02 min. */
function inWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole}\u00a0s`;
  if (minutes < 60) return `${minutes}\u00a0min\u00a0${two(whole % 60)}\u00a0s`;
  return `${Math.floor(minutes / 60)}\u00a0h\u00a0${two(minutes % 60)}\u00a0min`;
}
