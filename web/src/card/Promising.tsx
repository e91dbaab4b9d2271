import { useEffect, useRef, useState } from "react";
import { clock, day, moment } from "../i18n/format";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import type { PromiseBody } from "./commands";
import { useDraft } from "./drafts";
import fields from "./Fields.module.css";
import { naming, outsideNumber } from "./naming";
import { useOpened } from "./opening";
import pick from "./Pick.module.css";
import { firstOther, localText, type Proposal, proposals } from "./proposals";
import { Section } from "./Section";
import { useAsking, useSurroundings } from "./surroundings";
import type { Card, Promise_ } from "./types";
import { type CardWords, useCardWords } from "./words";

/** Promise a call-back in one click; what it is about is the note's first line, or what is typed. */
export function Promising({ card }: { card: Card }) {
  const words = useCardWords();
  const { commands, people, now, lostAt } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const times = useOpened(proposals(now()));
  const [made, setMade] = useState<Promise_ | null>(null);
  const [other, setOther] = useState(false);
  const [asking, failure, ask] = useAsking();
  const busy = asking || lostAt !== null;
  const contact = card.pop.contact?.id ?? card.pop.call.contact?.id ?? null;
  const number = outsideNumber(card.pop.call);
  const { name } = naming(card.pop, words, people);
  const promise = async (due: Date) => {
    const text = (draft.promise.trim() || firstLine(draft.note) || words.promiseText(name)).slice(
      0,
      500,
    );
    const body: PromiseBody = {
      contact_id: contact,
      number,
      due_at: due.toISOString(),
      text,
      call_id: card.callId,
    };
    const done = await ask(async () => {
      const answer = await commands.promise(body);
      if (answer === null || typeof answer === "string") return answer;
      setMade(answer.made);
      return null;
    });
    if (done) {
      setOther(false);
      change({ promise: "" });
    }
  };
  if (made !== null) return <Made promise={made} onWithdrawn={() => setMade(null)} />;
  if (contact === null && number === null) {
    return (
      <Section title={words.promiseTitle}>
        <p className="mid small">{words.promiseNobody}</p>
      </Section>
    );
  }
  return (
    <Section title={words.promiseTitle} aside={<kbd aria-hidden="true">P</kbd>}>
      <div className={fields.grid2} data-field="promise">
        {times.map((one) => (
          <Button key={one.at.getTime()} disabled={busy} onClick={() => void promise(one.at)}>
            {proposalWords(one, words, now())}
          </Button>
        ))}
        <Button icon="calendar" aria-expanded={other} onClick={() => setOther(!other)}>
          {words.promiseOther}
        </Button>
      </div>
      {other && <Other card={card} busy={busy} onPromise={(due) => void promise(due)} />}
      {failure !== null && <p className="risk small">{failure}</p>}
    </Section>
  );
}

function firstLine(note: string): string {
  return note.trim().split("\n")[0]?.trim() ?? "";
}

function proposalWords(one: Proposal, words: CardWords, now: number): string {
  const at = clock(one.at);
  switch (one.kind) {
    case "hour":
      return words.promiseHour;
    case "today":
      return words.promiseToday(at);
    case "tomorrow":
      return words.promiseTomorrow(at);
    default: {
      const name = day(one.at, now);
      return words.promiseDay(name.charAt(0).toUpperCase() + name.slice(1), at);
    }
  }
}

interface OtherProps {
  card: Card;
  busy: boolean;
  onPromise: (due: Date) => void;
}

function Other({ card, busy, onPromise }: OtherProps) {
  const words = useCardWords();
  const { now } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const [when, setWhen] = useState(() => localText(firstOther(now())));
  const field = useRef<HTMLInputElement>(null);
  // the person has just asked for these fields
  useEffect(() => field.current?.focus(), []);
  const due = new Date(when);
  return (
    <form
      className={fields.stack}
      onSubmit={(event) => {
        event.preventDefault();
        if (!Number.isNaN(due.getTime())) onPromise(due);
      }}
    >
      <label className={fields.label}>
        {words.promiseWhen}
        <input
          ref={field}
          className={fields.input}
          type="datetime-local"
          required
          value={when}
          onChange={(event) => setWhen(event.target.value)}
        />
      </label>
      <label className={fields.label}>
        {words.promiseWhat}
        <input
          className={fields.input}
          dir="auto"
          maxLength={500}
          value={draft.promise}
          onChange={(event) => change({ promise: event.target.value })}
        />
      </label>
      <Button type="submit" disabled={busy}>
        {words.promiseMake}
      </Button>
    </form>
  );
}

function Made({ promise, onWithdrawn }: { promise: Promise_; onWithdrawn: () => void }) {
  const words = useCardWords();
  const { commands, people, now } = useSurroundings();
  const [busy, failure, ask] = useAsking();
  const withdraw = async () => {
    if (await ask(() => commands.withdraw(promise.id))) onWithdrawn();
  };
  return (
    <Section
      title={words.promiseMade}
      aside={
        <Button small look="quiet" disabled={busy} onClick={() => void withdraw()}>
          {words.promiseUndo}
        </Button>
      }
    >
      <div className={pick.pick}>
        <div className={`${pick.row} ${pick.on}`}>
          <Icon name="flag" large />
          <span className={pick.text}>
            <Name className="cut">{promise.text}</Name>
            <span className={`${pick.sub} cut`}>
              {words.promiseBy(people.byLogin(promise.assignee ?? promise.made_by))}
            </span>
          </span>
          <span className={`${pick.why} num`}>{moment(promise.due_at, now())}</span>
        </div>
      </div>
      {promise.opens_at && (
        <p className="warn small">{words.promiseClosed(moment(promise.opens_at, now()))}</p>
      )}
      {failure !== null && <p className="risk small">{failure}</p>}
    </Section>
  );
}
