import { useId } from "react";
import { clock } from "../i18n/format";
import { Icon } from "../ui/Icon";
import fields from "./Fields.module.css";
import { type Noting, useNoting } from "./noting";
import { Section } from "./Section";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface NotesProps {
  card: Card;
  rows: number;
}

/** The call's note: it can be written while it rings, saves itself and says when. */
export function Notes({ card, rows }: NotesProps) {
  const words = useCardWords();
  const id = useId();
  const noting = useNoting(card);
  return (
    <Section
      title={<label htmlFor={id}>{words.notes}</label>}
      aside={<kbd aria-hidden="true">N</kbd>}
    >
      <textarea
        id={id}
        className={rows < 4 ? `${fields.area} ${fields.grows}` : fields.area}
        data-field="note"
        dir="auto"
        rows={rows}
        maxLength={4_000}
        placeholder={words.notesHint}
        value={noting.note}
        onChange={(event) => noting.write(event.target.value)}
      />
      <p className={fields.save}>
        <Saved noting={noting} />
      </p>
    </Section>
  );
}

function Saved({ noting }: { noting: Noting }) {
  const words = useCardWords();
  const { lostAt } = useSurroundings();
  if (noting.failure !== null) {
    return (
      <span className="risk">
        <Icon name="risk" />
        {words.notSaved(noting.failure)} {words.keptHere}
      </span>
    );
  }
  if (noting.savedAt !== null) {
    return (
      <span>
        <Icon name="tick" tone="ok" />
        {words.savedAt(clock(noting.savedAt, true))}
      </span>
    );
  }
  if (noting.note.trim() === "") return <span>{words.noNote}</span>;
  return <span>{lostAt !== null ? words.keptHere : words.saving}</span>;
}
