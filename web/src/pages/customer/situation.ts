import type { DirectoryEntry, Promised, TimelineItem } from "../../api/shapes";
import type { Words } from "../../i18n";
import { moment } from "../../i18n/format";

interface Known {
  contact: DirectoryEntry;
  /** Promises to them that are still to be kept. */
  promises: readonly Promised[];
  /** The newest entries, newest first; null while not known. */
  timeline: readonly TimelineItem[] | null;
}

/** How a customer stands, in one or two sentences: what weighs most comes first. */
export function situationOf(
  { contact, promises, timeline }: Known,
  now: number,
  words: Words["pages"],
  nameOf: (login: string) => string,
): string {
  const { situation } = words;
  const said: string[] = [];
  if (contact.at_risk) said.push(situation.atRisk);
  else if (contact.vip) said.push(situation.vip);
  const broken = promises.filter((one) => one.state === "broken").length;
  if (broken > 0) said.push(situation.broken(broken));
  const next = promises.find((one) => one.state === "open");
  if (next) said.push(situation.promise(moment(next.due_at, now)));
  if (timeline === null) return said.join(" ");
  const unanswered = missedInARow(timeline);
  if (unanswered > 0) said.push(situation.missed(unanswered));
  if (said.length === 0 && timeline.length > 0) said.push(situation.calm);
  said.push(last(timeline, now, words, nameOf));
  return said.join(" ");
}

/** How many of their calls nobody answered, though somebody was there, since somebody last talked with them. */
export function missedInARow(timeline: readonly TimelineItem[]): number {
  let found = 0;
  for (const item of timeline) {
    if (item.kind !== "call") continue;
    if (item.closed_hours) continue;
    if (item.missed) found += 1;
    else if (item.live || item.outcome === "answered") break;
  }
  return found;
}

function last(
  timeline: readonly TimelineItem[],
  now: number,
  { situation }: Words["pages"],
  nameOf: (login: string) => string,
): string {
  if (timeline.some((item) => item.live)) return situation.talking;
  const item = timeline.find(
    (one) => one.kind === "interaction" || (one.kind === "call" && one.outcome === "answered"),
  );
  if (item === undefined) return timeline.length === 0 ? situation.never : "";
  const login = item.who.flatMap((one) => one.logins)[0];
  const when = moment(item.at, now);
  return login === undefined ? situation.lastNobody(when) : situation.last(when, nameOf(login));
}
