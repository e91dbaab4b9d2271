import { Link } from "wouter";
import type { TimelineItem } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { entryOf } from "../customer/entry";
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
      <span className={[style.k, item.live ? style.live : entry.tone].filter(Boolean).join(" ")}>
        <Icon name={entry.icon} />
      </span>
      <time className="num" dateTime={item.at}>
        {dated ? shortly(item.at, now) : clock(item.at)}
      </time>
      <div className={style.x}>
        <span className={style.title}>
          {entry.quoted ? <q dir="auto">{entry.title}</q> : <Name>{entry.title}</Name>}{" "}
          {entry.tag && <Badge>{entry.tag}</Badge>}
        </span>
        {entry.sub && (
          <span className={style.s} dir="auto">
            {entry.sub}
          </span>
        )}
        <Ways item={item} />
      </div>
      {entry.by && <span className={style.by}>{entry.by}</span>}
    </li>
  );
}

function Ways({ item }: { item: TimelineItem }) {
  const { entry } = useT().pages;
  const record = item.kind === "call" && item.readable;
  if (!record && !item.url) return null;
  return (
    <span className={style.links}>
      {record && <Link href={`/calls/${item.id}`}>{entry.record}</Link>}
      {item.url && (
        <a href={item.url} target="_blank" rel="noopener noreferrer">
          {entry.source}
        </a>
      )}
    </span>
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
          <h3>{dayTitle(day.at, now)}</h3>
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
