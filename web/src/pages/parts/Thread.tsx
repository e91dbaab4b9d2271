import { memo, useMemo } from "react";
import { Link } from "wouter";
import type { TimelineItem } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { type Entry, type EntryWords, entryOf } from "../customer/entry";
import { dayKey, dayTitle, shortly } from "../format";
import { useNames } from "../lists";
import { useMinute } from "../minute";
import style from "./Thread.module.css";

interface EntryRowProps {
  item: TimelineItem;
  how: EntryWords;
  /** Under the heading of its day the time is enough. */
  dated?: boolean;
}

/** What the words of entries are made with; the same object until the minute or the language change. */
function useHow(): EntryWords {
  const words = useT().pages;
  const now = useMinute();
  const nameOf = useNames();
  return useMemo(() => ({ words, now, nameOf }), [words, now, nameOf]);
}

// thousands of rows: one is drawn again only when it is another
const EntryRow = memo(function EntryRow({ item, how, dated = false }: EntryRowProps) {
  const entry = entryOf(item, how);
  return (
    <li>
      <span className={`${style.k} ${item.live ? style.live : ""}`}>
        <Icon name={entry.icon} tone={item.live ? undefined : entry.tone} />
      </span>
      <time className="num" dateTime={item.at}>
        {dated ? shortly(item.at, how.now) : clock(item.at)}
      </time>
      <div className={style.x}>
        <span className={style.title}>
          <Title item={item} entry={entry} /> {entry.tag && <Badge>{entry.tag}</Badge>}
        </span>
        {entry.sub && (
          <span className={style.s} dir="auto">
            {entry.sub}
          </span>
        )}
        {item.url && (
          <a className={style.source} href={item.url} target="_blank" rel="noopener noreferrer">
            {how.words.entry.source}
          </a>
        )}
      </div>
      {entry.by && (!dated || !item.missed) && <span className={style.by}>{entry.by}</span>}
    </li>
  );
});

/** The words of an entry; those of a call that one may open lead there. */
function Title({ item, entry }: { item: TimelineItem; entry: Entry }) {
  const text = entry.quoted ? <q dir="auto">{entry.title}</q> : <Name>{entry.title}</Name>;
  if (item.kind !== "call" || !item.readable) return text;
  return (
    <Link className={style.open} href={`/calls/${item.id}`}>
      {text}
    </Link>
  );
}

/** The last entries on one line, each with its time or day. */
export function ShortThread({ items }: { items: readonly TimelineItem[] }) {
  const how = useHow();
  return (
    <ol className={`${style.thread} ${style.narrow}`}>
      {items.map((item) => (
        <EntryRow key={`${item.kind}${item.id}`} item={item} how={how} dated />
      ))}
    </ol>
  );
}

/** Entries of several days on one line, the newest first, under the name of each day. */
export function DayThread({ items }: { items: readonly TimelineItem[] }) {
  const how = useHow();
  const days = useMemo(() => byDay(items), [items]);
  return (
    <div>
      {days.map((day) => (
        <section className={style.day} key={day.key}>
          <h2>{dayTitle(day.at, how.now)}</h2>
          <ol className={style.thread}>
            {day.items.map((item) => (
              <EntryRow key={`${item.kind}${item.id}`} item={item} how={how} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

interface Day {
  key: string;
  at: string;
  items: TimelineItem[];
}

/** Put entries that follow each other on the same local day together. */
export function byDay(items: readonly TimelineItem[]): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    const key = dayKey(item.at);
    const last = days.at(-1);
    if (last?.key === key) last.items.push(item);
    else days.push({ key, at: item.at, items: [item] });
  }
  return days;
}
