import type { Promised, TimelineItem } from "../../api/shapes";
import type { Words } from "../../i18n";
import { moment, span } from "../../i18n/format";
import type { Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { spoken } from "../format";

/** One entry of the thread in words. */
export interface Entry {
  icon: IconName;
  tone: Tone | undefined;
  /** What a colleague wrote or a customer sent, shown as a quotation. */
  quoted: boolean;
  title: string;
  sub: string;
  tag: string | null;
  by: string;
}

/** What the words of an entry are made with. */
export interface EntryWords {
  words: Words["pages"];
  now: number;
  nameOf: (login: string) => string;
}

const CHANNELS: Record<TimelineItem["channel"], IconName> = {
  call: "phone",
  mail: "mail",
  chat: "say",
  form: "say",
  social: "say",
  sms: "say",
  letter: "mail",
  visit: "person",
  other: "note",
};

/**
 * Whether an entry is one that annoyed the customer: nobody answered though somebody was there, or a
 * promise was not kept.
 */
export function isFriction(item: TimelineItem): boolean {
  return (item.missed && !item.closed_hours) || item.promise?.state === "broken";
}

/** Put an entry into words. */
export function entryOf(item: TimelineItem, how: EntryWords): Entry {
  if (item.kind === "promise" && item.promise) return promiseEntry(item.promise, how);
  if (item.kind === "interaction") return writtenEntry(item, how);
  return item.missed || (item.outcome !== "answered" && !item.live)
    ? unanswered(item, how)
    : answered(item, how);
}

function promiseEntry(promise: Promised, { words, now, nameOf }: EntryWords): Entry {
  const when = moment(promise.due_at, now);
  const titles = {
    open: words.entry.promise.open(when),
    kept: words.entry.promise.kept,
    broken: words.entry.promise.broken(when),
    withdrawn: words.entry.promise.withdrawn,
  };
  return {
    icon: "flag",
    tone: promise.state === "broken" ? "risk" : promise.state === "kept" ? "ok" : undefined,
    quoted: false,
    title: titles[promise.state],
    sub: promise.text,
    tag: null,
    by: promise.assignee === null ? words.common.nobody : nameOf(promise.assignee),
  };
}

function writtenEntry(item: TimelineItem, how: EntryWords): Entry {
  const { words } = how;
  const channel = item.channel === "call" ? words.entry.other : words.entry[item.channel];
  const title = item.subject ?? item.text;
  const parts = [title === null ? null : channel, item.subject === null ? null : item.text];
  return {
    icon: CHANNELS[item.channel],
    tone: undefined,
    quoted: item.subject === null && item.text !== null,
    title: title ?? channel,
    sub: parts.filter(Boolean).join(" · "),
    tag: null,
    by: who(item, how),
  };
}

function answered(item: TimelineItem, how: EntryWords): Entry {
  const { words } = how;
  // a call that was handed over has a note of each who had it
  const notes = item.wrap_ups.map((one) => one.note).filter(Boolean);
  const disposition = item.wrap_ups.findLast((one) => one.disposition)?.disposition ?? null;
  const kind = item.live ? words.entry.live : direction(item, words);
  const lengths = [
    item.talk_s === null ? null : words.entry.talked(spoken(item.talk_s)),
    item.wait_s ? words.entry.waited(span(item.wait_s * 1000)) : null,
  ];
  const note = notes.length > 0 ? notes.join(" · ") : null;
  return {
    icon: item.direction === "outbound" ? "out" : "ring",
    tone: item.live ? "ok" : undefined,
    quoted: note !== null,
    title: note ?? kind,
    sub: [note === null ? null : kind, item.queue ?? item.line, lengths.filter(Boolean).join(", ")]
      .filter(Boolean)
      .join(" · "),
    tag: disposition,
    by: who(item, how),
  };
}

function unanswered(item: TimelineItem, how: EntryWords): Entry {
  const { words } = how;
  const outbound = item.direction === "outbound";
  return {
    icon: outbound ? "out" : "miss",
    tone: isFriction(item) ? "risk" : undefined,
    quoted: false,
    title: outbound ? unreached(item, words) : missed(item, words),
    sub: [
      item.closed_hours ? words.entry.closedHours : null,
      item.queue ?? item.line,
      ...item.wrap_ups.map((one) => one.note),
    ]
      .filter(Boolean)
      .join(" · "),
    tag: item.wrap_ups.at(-1)?.disposition ?? null,
    by: who(item, how),
  };
}

function missed(item: TimelineItem, { entry }: Words["pages"]): string {
  switch (item.outcome) {
    case "abandoned":
      return item.wait_s === null
        ? entry.abandonedNoWait
        : entry.abandoned(span(item.wait_s * 1000));
    case "busy":
    case "rejected":
    case "failed":
    case "voicemail":
      return entry[item.outcome];
    default:
      return entry.missed;
  }
}

function unreached(item: TimelineItem, { entry }: Words["pages"]): string {
  if (item.outcome === "busy") return entry.outBusy;
  if (item.outcome === "voicemail") return entry.outVoicemail;
  if (item.outcome === "failed" || item.outcome === "rejected") return entry.outFailed;
  return entry.outUnanswered;
}

function direction(item: TimelineItem, { entry }: Words["pages"]): string {
  if (item.direction === "inbound") return entry.in;
  return item.direction === "outbound" ? entry.out : entry.internal;
}

function who(item: TimelineItem, { words, nameOf }: EntryWords): string {
  const names = item.who.flatMap((one) =>
    one.logins.length > 0 ? one.logins.map(nameOf) : (one.extension ?? []),
  );
  const unique = [...new Set(names)];
  if (unique.length > 0) return unique.join(", ");
  return item.missed ? words.common.nobody : "";
}
