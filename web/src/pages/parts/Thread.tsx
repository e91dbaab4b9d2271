import { Link } from "wouter";
import type { TimelineItem } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { type Entry, entryOf } from "../customer/entry";
import { dayKey, dayTitle, shortly } from "../format";
import { useNames } from "../lists";
import style from "./Thread.module.css";

interface EntryRowProps {
  item: TimelineItem;
  /** Under the heading of its day the time is enough. */
  dated?: boolean;
}

function EntryRow({ item, dated = false }: EntryRowProps) {
  const words = useT().pages;
  const now = useNow();
  const entry = entryOf(item, { words, now, nameOf: useNames() });
  return (
    <li>
      <span className={`${style.k} ${item.live ? style.live : ""}`}>
        <Icon name={entry.icon} tone={item.live ? undefined : entry.tone} />
      </span>
      <time className="num" dateTime={item.at}>
        {dated ? shortly(item.at, now) : clock(item.at)}
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
            {words.entry.source}
          </a>
        )}
      </div>
      {entry.by && (!dated || !item.missed) && <span className={style.by}>{entry.by}</span>}
    </li>
  );
}

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
  return (
    <ol className={`${style.thread} ${style.narrow}`}>
      {items.map((item) => (
        <EntryRow key={`${item.kind}${item.id}`} item={item} dated />
      ))}
    </ol>
  );
}

/** Entries of several days on one line, the newest first, under the name of each day. */
export function DayThread({ items }: { items: readonly TimelineItem[] }) {
  const now = useNow();
  return (
    <div>
      {byDay(items).map((day) => (
        <section className={style.day} key={day.key}>
          <h2>{dayTitle(day.at, now)}</h2>
          <ol className={style.thread}>
            {day.items.map((item) => (
              <EntryRow key={`${item.kind}${item.id}`} item={item} />
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
