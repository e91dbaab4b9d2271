import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import style from "./ReceiptList.module.css";
import { type ShownReceipt, shownReceipt } from "./receipts";
import { crmLabels, useAsking, useSurroundings } from "./surroundings";
import type { Card, Effect } from "./types";
import { useCardWords } from "./words";

interface ReceiptListProps {
  card: Card;
  receipts: readonly Effect[];
  /** The CRM that has not answered in two seconds. */
  silent: string | null;
}

/** What was written to the CRM, what waits and since how many attempts, each with its link. */
export function ReceiptList({ card, receipts, silent }: ReceiptListProps) {
  const words = useCardWords();
  const { crms } = useSurroundings();
  const labels = crmLabels(crms);
  const shown = receipts.map((one) => shownReceipt(one, words, labels));
  const ended = card.phase === "ended";
  return (
    <>
      <ul className={`${style.receipts} late`}>
        {shown.map((one) => (
          <Receipt key={one.key} receipt={one} />
        ))}
        {ended && shown.length > 0 && (
          <li>
            <Icon name="clock" />
            <span>{words.crmLater}</span>
            <span className="dim">{words.crmPending}</span>
          </li>
        )}
      </ul>
      {shown.length === 0 && (
        <p className="mid small">{silent === null ? words.crmNothing : words.crmSilent(silent)}</p>
      )}
      {ended && <Create card={card} />}
    </>
  );
}

function Receipt({ receipt }: { receipt: ShownReceipt }) {
  const words = useCardWords();
  const { commands } = useSurroundings();
  const [busy, failure, ask] = useAsking();
  return (
    <li>
      <Icon name={receipt.icon} tone={receipt.tone} />
      <span dir="auto">
        {receipt.text}
        {receipt.cause !== null && <span className={style.cause}>{receipt.cause}</span>}
        {failure !== null && <span className={style.cause}>{failure}</span>}
      </span>
      {receipt.url !== null ? (
        <a href={receipt.url} target="_blank" rel="noopener noreferrer">
          {words.crmOpen(receipt.crm)}
        </a>
      ) : receipt.stuck ? (
        <Button small disabled={busy} onClick={() => void ask(() => commands.retry(receipt.key))}>
          {words.crmAgain}
        </Button>
      ) : (
        <span />
      )}
    </li>
  );
}

/** Ask a CRM to make a contact or lead of an unknown caller, where its policy leaves that to people. */
function Create({ card }: { card: Card }) {
  const words = useCardWords();
  const { crms, commands, say } = useSurroundings();
  const [busy, failure, ask] = useAsking();
  const { call, contact } = card.pop;
  const known =
    contact !== null || call.contact !== null || call.caller.presentation === "withheld";
  const asked = crms.filter((crm) => crm.creates !== null);
  if (known || call.state === "live" || asked.length === 0) return null;
  const create = async (name: string, label: string) => {
    if (await ask(() => commands.createInCrm(card.callId, name))) say(words.crmCreating(label));
  };
  return (
    <div className={style.create}>
      {asked.map((crm) => (
        <Button
          key={crm.name}
          icon="add"
          disabled={busy}
          onClick={() => void create(crm.name, crm.label)}
        >
          {crm.creates === "lead"
            ? words.crmCreateLead(crm.label)
            : words.crmCreateContact(crm.label)}
        </Button>
      ))}
      {failure !== null && <p className="risk small">{failure}</p>}
    </div>
  );
}
