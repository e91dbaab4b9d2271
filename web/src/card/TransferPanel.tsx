import { useEffect, useId, useRef } from "react";
import { useKey } from "../app/keys";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { shortName } from "./band";
import { useDraft } from "./drafts";
import fields from "./Fields.module.css";
import pick from "./Pick.module.css";
import type { Phone } from "./phoneControls";
import { Push, Section } from "./Section";
import { useAsking, useSurroundings } from "./surroundings";
import { type Target, targets } from "./targets";
import { useTransfer } from "./transferring";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface TransferPanelProps {
  card: Card;
  phone: Phone;
  onClose: () => void;
}

/** Hand the call over: to whom, with what note, after talking first or at once. */
export function TransferPanel({ card, phone, onClose }: TransferPanelProps) {
  const words = useCardWords();
  const { agents, queues, me, now } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const wanted = draft.fields.to ?? "";
  const found = targets(card.pop, agents, queues, me.login, wanted, words, now());
  const wish = draft.transferTo;
  const chosen = found.find((one) => (wish === null ? one.suggested : one.key === wish)) ?? null;
  const transfer = useTransfer(card, chosen, onClose);
  const field = useRef<HTMLInputElement>(null);
  // the person has just asked for this panel
  useEffect(() => field.current?.focus(), []);
  useKey("Escape", onClose, { inFields: true });
  const talk = phone.can("consult") && chosen?.kind !== "queue";
  const main = talk ? "attended" : "blind";
  useKey("Ctrl+Enter", () => void transfer.go(main), { off: chosen === null });
  const inputId = useId();
  return (
    <>
      <Section
        title={<label htmlFor={inputId}>{words.transferTitle}</label>}
        aside={
          <button type="button" className={pick.plain} onClick={onClose}>
            <kbd aria-hidden="true">Esc</kbd> {words.transferCancel}
          </button>
        }
      >
        <input
          ref={field}
          id={inputId}
          className={fields.input}
          value={wanted}
          placeholder={words.transferFind}
          autoComplete="off"
          onChange={(event) => change({ fields: { ...draft.fields, to: event.target.value } })}
        />
      </Section>
      <Targets found={found} chosen={chosen} onPick={(one) => change({ transferTo: one.key })} />
      <HandoffNote card={card} chosen={chosen} />
      {phone.can("park") && (
        <Button look="quiet" small disabled={phone.busy} onClick={() => phone.press("park")}>
          {words.park}
        </Button>
      )}
      {transfer.failure !== null && (
        <p className="risk small">
          <Icon name="risk" /> {transfer.failure}
        </p>
      )}
      <Push>
        <div className={talk ? fields.grid2 : undefined}>
          {talk && (
            <Button
              look="main"
              full
              disabled={transfer.busy || chosen === null}
              title={chosen === null ? words.transferPick : undefined}
              onClick={() => void transfer.go("attended")}
            >
              {words.talkFirst}
            </Button>
          )}
          {phone.can("transfer") && (
            <Button
              look={talk ? "plain" : "main"}
              full
              disabled={transfer.busy || chosen === null}
              title={chosen === null ? words.transferPick : undefined}
              onClick={() => void transfer.go("blind")}
            >
              {words.transferNow}
            </Button>
          )}
        </div>
      </Push>
    </>
  );
}

interface TargetsProps {
  found: readonly Target[];
  chosen: Target | null;
  onPick: (target: Target) => void;
}

function Targets({ found, chosen, onPick }: TargetsProps) {
  const words = useCardWords();
  if (found.length === 0) return <p className="mid small">{words.transferNobody}</p>;
  return (
    <ul className={pick.pick} aria-label={words.transferTo}>
      {found.map((one) => (
        <li key={one.key}>
          <button
            type="button"
            aria-pressed={one === chosen}
            className={one === chosen ? pick.on : undefined}
            onClick={() => onPick(one)}
          >
            <Icon
              name={one.kind === "person" ? "person" : one.kind === "queue" ? "people" : "phone"}
              large
            />
            <span className={pick.text}>
              <span className={pick.first}>
                <Name className="cut">{one.name}</Name>
                {one.state !== "" && (
                  <Badge
                    tone={one.standing === "free" && one.kind === "person" ? "ok" : undefined}
                    icon={one.standing === "free" && one.kind === "person" ? "ok" : undefined}
                  >
                    {one.state}
                  </Badge>
                )}
              </span>
              {one.why !== "" && <span className={`${pick.sub} cut`}>{one.why}</span>}
            </span>
            <span className={`${pick.why} num`}>
              {one.kind === "queue" ? words.queueWord : one.to}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The note for whoever takes it: begins as the call's own note, and is read before they answer. */
function HandoffNote({ card, chosen }: { card: Card; chosen: Target | null }) {
  const words = useCardWords();
  const [draft, change] = useDraft(card.callId);
  const noteId = useId();
  const verified = draft.verified || (card.pop.handoff?.verified ?? null) !== null;
  const title =
    chosen?.kind === "person"
      ? words.transferNoteFor(shortName(chosen.name))
      : words.transferNoteNext;
  return (
    <>
      <Section title={<label htmlFor={noteId}>{title}</label>} aside={words.transferBefore}>
        <textarea
          id={noteId}
          className={fields.area}
          rows={3}
          dir="auto"
          maxLength={4_000}
          value={draft.handoff ?? draft.note}
          onChange={(event) => change({ handoff: event.target.value })}
        />
      </Section>
      <label className={pick.check}>
        <input
          type="checkbox"
          checked={verified}
          onChange={(event) => change({ verified: event.target.checked })}
        />
        <span>{words.transferVerified}</span>
      </label>
    </>
  );
}

interface ConsultingProps {
  card: Card;
  phone: Phone;
}

/** The colleague is on the line, the customer holds: complete it or go back. */
export function Consulting({ card, phone }: ConsultingProps) {
  const words = useCardWords();
  const { commands } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const [busy, failure, ask] = useAsking();
  if (draft.consulting === null) return null;
  const back = async () => {
    const done = await ask(() => commands.transfer(card.callId, "cancel", null, null));
    if (done) change({ consulting: null });
  };
  const [start = "", end = ""] = words.consulting("\u0000").split("\u0000");
  return (
    <Section
      title={
        <>
          {start}
          <Name>{draft.consulting}</Name>
          {end}
        </>
      }
    >
      <p className="mid small">{words.consultingText}</p>
      <div className={fields.grid2}>
        <Button look="main" disabled={phone.busy} onClick={() => phone.press("hangup")}>
          {words.consultDone}
        </Button>
        <Button disabled={busy || phone.busy} onClick={() => void back()}>
          {words.consultBack}
        </Button>
      </div>
      {failure !== null && <p className="risk small">{failure}</p>}
    </Section>
  );
}
