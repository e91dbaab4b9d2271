import { useKey } from "../app/keys";
import { Button } from "../ui/Button";
import { useDraft } from "./drafts";
import { Elapsed } from "./Elapsed";
import fields from "./Fields.module.css";
import { Push, Section } from "./Section";
import { useAsking, useNow, useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

/** How long after a call the phone stays paused for its outcome; null: it takes calls already. */
export interface AfterCall {
  readonly until: number;
  readonly total: number;
  readonly extend: () => void;
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** What the call was, in one click: the daemon's own list, never a word that nobody chose. */
export function Dispositions({ card }: { card: Card }) {
  const words = useCardWords();
  const { dispositions } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const shown = dispositions.slice(0, KEYS.length);
  const last = Math.max(1, shown.length);
  return (
    <Section
      title={words.howWas}
      aside={
        <>
          {words.keys} <kbd>1</kbd>–<kbd>{last}</kbd>
        </>
      }
    >
      <fieldset className={fields.group}>
        <legend className="vh">{words.howWas}</legend>
        {shown.map((word, i) => (
          <Option
            key={word}
            group={card.callId}
            word={word}
            hint={KEYS[i] ?? ""}
            on={draft.disposition === word}
            onPick={() => change({ disposition: word })}
          />
        ))}
      </fieldset>
    </Section>
  );
}

interface OptionProps {
  group: string;
  word: string;
  hint: string;
  on: boolean;
  onPick: () => void;
}

function Option({ group, word, hint, on, onPick }: OptionProps) {
  useKey(hint, onPick);
  return (
    <label className={`${fields.option} ${on ? fields.on : ""}`}>
      <input className="vh" type="radio" name={`outcome-${group}`} checked={on} onChange={onPick} />
      <span className="cut" dir="auto" title={word}>
        {word}
      </span>
      <kbd aria-hidden="true">{hint}</kbd>
    </label>
  );
}

interface SaveOutcomeProps {
  card: Card;
  afterCall: AfterCall | null;
}

/** Save and be available: with an outcome chosen; at zero the phone is free, the card stays. */
export function SaveOutcome({ card, afterCall }: SaveOutcomeProps) {
  const words = useCardWords();
  const { available, commands, lostAt, onSaved, say } = useSurroundings();
  const [draft] = useDraft(card.callId);
  const [busy, failure, ask] = useAsking();
  const { disposition } = draft;
  const ready = disposition !== null && lostAt === null && !busy;
  const save = async () => {
    if (!ready) return;
    if (!(await ask(() => commands.wrapUp(card.callId, draft.note, disposition)))) return;
    say(words.outcomeSaved(disposition));
    onSaved(card.callId);
    available?.();
  };
  useKey("Ctrl+Enter", () => void save(), { off: !ready });
  return (
    <Push>
      {afterCall !== null && <Remaining afterCall={afterCall} />}
      {failure !== null && <p className="risk small">{words.notSaved(failure)}</p>}
      <Button
        look="main"
        full
        disabled={!ready}
        title={disposition === null ? words.outcomeFirst : undefined}
        onClick={() => void save()}
      >
        {afterCall === null ? words.saveOnly : words.saveOutcome}
        <kbd aria-hidden="true">{words.ctrl}</kbd>
        <kbd aria-hidden="true">{words.enter}</kbd>
      </Button>
    </Push>
  );
}

function Remaining({ afterCall }: { afterCall: AfterCall }) {
  const words = useCardWords();
  const now = useNow();
  const left = Math.max(0, afterCall.until - now);
  return (
    <div className={fields.timer}>
      <span className="mid small nw">
        {words.availableIn}{" "}
        <b>
          <Elapsed since={now} until={afterCall.until} />
        </b>
      </span>
      <progress
        className={fields.meter}
        aria-hidden="true"
        max={afterCall.total}
        value={Math.max(0, afterCall.total - left)}
      />
      <Button small onClick={afterCall.extend}>
        {words.oneMore}
      </Button>
    </div>
  );
}
