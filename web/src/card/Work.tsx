import { Button } from "../ui/Button";
import { Remember } from "./Candidates";
import { ContactPanel } from "./ContactPanel";
import { Doubt } from "./Doubt";
import { useDraft } from "./drafts";
import fields from "./Fields.module.css";
import { Left } from "./Left";
import { LinkPanel } from "./LinkPanel";
import { Notes } from "./Notes";
import { crmLabel, naming } from "./naming";
import { OnIt } from "./OnIt";
import { type AfterCall, Dispositions, SaveOutcome } from "./Outcome";
import { Promising } from "./Promising";
import type { Phone } from "./phoneControls";
import { ReceiptList } from "./ReceiptList";
import { Push, Section } from "./Section";
import { crmLabels, useSurroundings } from "./surroundings";
import { Consulting, TransferPanel } from "./TransferPanel";
import type { Card, Effect } from "./types";
import { Verify } from "./Verify";
import { useCardWords } from "./words";

export type Panel = "transfer" | "contact" | "link";

interface WorkProps {
  card: Card;
  phone: Phone;
  panel: Panel | null;
  receipts: readonly Effect[];
  silent: string | null;
  afterCall: AfterCall | null;
  onPanel: (panel: Panel | null) => void;
}

/** The work column: notes, who is on it, then what the state of the call asks for. */
export function Work(props: WorkProps) {
  const { card, phone, panel, onPanel } = props;
  const close = () => onPanel(null);
  if (panel === "transfer") return <TransferPanel card={card} phone={phone} onClose={close} />;
  if (panel === "contact") return <ContactPanel card={card} onClose={close} />;
  if (panel === "link")
    return <LinkPanel card={card} onClose={close} onContact={() => onPanel("contact")} />;
  if (card.phase === "ended") return <Ended {...props} />;
  return card.phase === "talk" ? <Talking {...props} /> : <Ringing {...props} />;
}

function Ringing({ card }: WorkProps) {
  return (
    <>
      <Left card={card} />
      <Notes card={card} rows={card.pop.handoff === null ? 7 : 3} />
      <OnIt card={card} onPick={null} />
      <Doubt card={card} />
      {card.pop.candidates.length > 1 && card.pop.contact === null ? (
        <Push>
          <Remember card={card} />
        </Push>
      ) : (
        <AfterAnswer />
      )}
    </>
  );
}

/** What is possible once somebody has answered: it holds its place, and says why not yet. */
function AfterAnswer() {
  const words = useCardWords();
  return (
    <Section title={words.afterAnswer} last>
      <div className={fields.words2}>
        <Button icon="move" disabled title={words.afterAnswerWhy}>
          {words.transferNote}
        </Button>
        <Button icon="flag" disabled title={words.afterAnswerWhy}>
          {words.promise}
        </Button>
      </div>
    </Section>
  );
}

function Talking({ card, phone, receipts, silent, onPanel }: WorkProps) {
  const words = useCardWords();
  const { people, crms } = useSurroundings();
  const [, change] = useDraft(card.callId);
  const { contact } = card.pop;
  const crm = contact?.crm ?? null;
  const mayMove = phone.can("transfer") || phone.can("consult");
  const handTo = (login: string) => {
    change({ transferTo: `person:${login}` });
    onPanel("transfer");
  };
  return (
    <>
      <Consulting card={card} phone={phone} />
      <Left card={card} />
      <Notes card={card} rows={6} />
      <Verify card={card} />
      <OnIt card={card} onPick={mayMove ? handTo : null} />
      <Promising card={card} />
      <Doubt card={card} />
      <Section title={words.inCrm} last>
        {receipts.length > 0 || crm === null ? (
          <ReceiptList card={card} receipts={receipts} silent={silent} />
        ) : (
          <p className="mid small">
            {silent === null
              ? words.crmAtEnd(crmLabel(crm, crmLabels(crms)), naming(card.pop, words, people).name)
              : words.crmSilent(silent)}
          </p>
        )}
      </Section>
    </>
  );
}

function Ended({ card, afterCall }: WorkProps) {
  return (
    <>
      <Dispositions card={card} />
      <Notes card={card} rows={2} />
      <Promising card={card} />
      <SaveOutcome card={card} afterCall={afterCall} />
    </>
  );
}
