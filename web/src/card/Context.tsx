import { Candidates } from "./Candidates";
import { LastContacts } from "./LastContacts";
import { OpenItems } from "./OpenItems";
import { ReceiptList } from "./ReceiptList";
import { Said } from "./Said";
import { Section } from "./Section";
import type { Card, Effect } from "./types";
import { useCardWords } from "./words";

interface ContextProps {
  card: Card;
  receipts: readonly Effect[];
  silent: string | null;
  onContact: () => void;
  onLink: () => void;
}

/** What proves the first thing: who it may be, what is open, said already, last contacts. */
export function Context({ card, receipts, silent, onContact, onLink }: ContextProps) {
  const words = useCardWords();
  const known = card.pop.contact !== null || card.pop.open.length > 0;
  const asking = card.pop.candidates.length > 1 && card.pop.contact === null;
  return (
    <>
      {asking && <Candidates card={card} onContact={onContact} onLink={onLink} />}
      {!asking && known && <OpenItems card={card} />}
      {card.phase === "ended" ? (
        <Section title={words.crmTitle}>
          <ReceiptList card={card} receipts={receipts} silent={silent} />
        </Section>
      ) : (
        card.pop.said.length > 0 && <Said card={card} />
      )}
      <LastContacts card={card} />
    </>
  );
}
