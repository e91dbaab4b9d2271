import { span } from "../i18n/format";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { isUnsent, useDraft } from "./drafts";
import style from "./Gone.module.css";
import { Notes } from "./Notes";
import { naming, type People } from "./naming";
import { shownReceipt } from "./receipts";
import { crmLabels, useSurroundings } from "./surroundings";
import type { Card, Effect } from "./types";
import { type CardWords, useCardWords } from "./words";

interface GoneLineProps {
  card: Card;
  receipts: readonly Effect[];
}

/** What became of a call that went elsewhere: one grey line, with the note if one was typed. */
export function GoneLine({ card, receipts }: GoneLineProps) {
  const words = useCardWords();
  const { people, crms, onDismiss } = useSurroundings();
  const [draft] = useDraft(card.callId);
  const { name } = naming(card.pop, words, people);
  const kept = card.reason !== "saved" && (isUnsent(draft) || draft.note.trim() !== "");
  const receipt = receipts[0];
  return (
    <article
      className={style.gone}
      tabIndex={-1}
      data-call={card.callId}
      data-phase="gone"
      aria-label={name}
    >
      <div className={style.line}>
        <Icon name={card.reason === "saved" ? "tick" : "phone"} />
        <span className="cut">
          {goneWords(card, words, people)} ·{" "}
          <h1 className={style.name}>
            <Name>{name}</Name>
          </h1>
        </span>
        {card.reason === "saved" && receipt !== undefined && (
          <span className={style.end}>{shownReceipt(receipt, words, crmLabels(crms)).text}</span>
        )}
      </div>
      {kept && (
        <div className={style.note}>
          <Notes card={card} rows={3} />
          <Button small onClick={() => onDismiss(card.callId)}>
            {isUnsent(draft) ? words.discard : words.close}
          </Button>
        </div>
      )}
    </article>
  );
}

export function goneWords(card: Card, words: CardWords, people: People): string {
  const { call } = card.pop;
  switch (card.reason) {
    case "answered_elsewhere":
      return words.gone_answered_elsewhere(people.byExtension(call.answered_by));
    case "transferred":
      return words.gone_transferred(
        people.byExtension(call.transfers.at(-1)?.to ?? call.final_talker),
      );
    case "caller_left":
      return words.gone_caller_left(span(lasted(card)));
    case "timeout":
      return words.gone_timeout;
    case "rejected":
      return words.gone_rejected;
    case "merged":
      return words.gone_merged;
    case "test":
      return words.gone_test;
    case "saved":
      return words.outcomeSaved("").replace(/:\s*$/u, "");
    default:
      return words.gone_over;
  }
}

function lasted(card: Card): number {
  const { started_at, ended_at } = card.pop.call;
  const from = started_at === null ? card.since : Date.parse(started_at);
  return (ended_at === null ? card.since : Date.parse(ended_at)) - from;
}
