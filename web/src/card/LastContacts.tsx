import { Link } from "wouter";
import { Icon } from "../ui/Icon";
import { isHidden } from "./naming";
import { type PastRow, pastRow, presentRow } from "./past";
import { Section } from "./Section";
import { useSurroundings } from "./surroundings";
import style from "./Thread.module.css";
import type { Card } from "./types";
import { useCardWords } from "./words";

/** The last contacts on one line that ends at the present call. */
export function LastContacts({ card }: { card: Card }) {
  const words = useCardWords();
  const { people, me, now } = useSurroundings();
  const moment = now();
  const rows = card.pop.timeline.map((item) => pastRow(item, words, people, moment));
  const title = card.pop.handoff === null ? words.past : words.pastOfCall;
  return (
    <Section title={title} aside={<WholeHistory card={card} />}>
      <ol className={`${style.thread} ${card.phase === "ring" ? "" : style.quiet}`}>
        <Row row={presentRow(card, words, people, me.name)} />
        {rows.map((row) => (
          <Row key={row.key} row={row} />
        ))}
      </ol>
      {rows.length === 0 && !isHidden(card.pop.call) && (
        <p className={`${style.none} mid`}>{words.pastNothing}</p>
      )}
    </Section>
  );
}

function WholeHistory({ card }: { card: Card }) {
  const words = useCardWords();
  const id = card.pop.contact?.id ?? card.pop.call.contact?.id;
  if (id === undefined) return null;
  return <Link href={`/contacts/${encodeURIComponent(id)}`}>{words.pastAll}</Link>;
}

function Row({ row }: { row: PastRow }) {
  return (
    <li>
      <span className={`${style.knot} ${row.tone === null ? "" : (style[row.tone] ?? "")}`}>
        <Icon name={row.icon} />
      </span>
      <time className="num">{row.time}</time>
      <div className={style.what}>
        <What row={row} />
        {row.more !== "" && (
          <span className={style.sub} dir="auto">
            {row.more}
          </span>
        )}
      </div>
      <span className={`${style.by} cut`} dir="auto">
        {row.by}
      </span>
    </li>
  );
}

function What({ row }: { row: PastRow }) {
  if (row.tone === "now") return <b dir="auto">{row.text}</b>;
  if (row.notes.length === 0) return <bdi>{row.text}</bdi>;
  return row.notes.map((note) => (
    <p key={`${note.by} ${note.text}`} dir="auto">
      {row.notes.length > 1 && note.by !== "" && `${note.by}: `}
      <q>{note.text}</q>
    </p>
  ));
}
