import { phone } from "../i18n/format";
import { buttonClass } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { Facts } from "./Facts";
import { HeadActions } from "./HeadActions";
import { crmLabel, naming, safeUrl } from "./naming";
import type { Phone } from "./phoneControls";
import { crmLabels, useSurroundings } from "./surroundings";
import type { Card } from "./types";
import style from "./Who.module.css";
import { useCardWords } from "./words";

interface WhoProps {
  card: Card;
  headingId: string;
  phone: Phone;
  onTransfer: () => void;
  onContact: () => void;
  onLink: () => void;
}

/** Who it is, how sure, and what can be done with the call: always the same two lines. */
export function Who({ card, headingId, ...controls }: WhoProps) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const { name, beside, isNumber } = naming(card.pop, words, people);
  return (
    <div className={style.who} data-part="who">
      <h1 id={headingId} className={style.name} title={name.length > 40 ? name : undefined}>
        <Name className={isNumber ? "num" : undefined}>{name}</Name>{" "}
        {beside !== null && (
          <span className={style.beside}>
            <Name>{beside}</Name>
          </span>
        )}
      </h1>
      <div className={style.actions}>
        <CrmLink card={card} />
        <HeadActions card={card} {...controls} />
      </div>
      <Facts card={card} />
    </div>
  );
}

function CrmLink({ card }: { card: Card }) {
  const words = useCardWords();
  const { crms } = useSurroundings();
  const { contact, call } = card.pop;
  const url = safeUrl(contact?.url ?? call.contact?.url);
  if (url === null) return null;
  const crm = contact?.crm ?? call.contact?.crm ?? null;
  return (
    <a className={buttonClass("quiet")} href={url} target="_blank" rel="noopener noreferrer">
      <Icon name="link" />
      {crm === null ? words.record : crmLabel(crm, crmLabels(crms))}
      <span className="vh"> {words.opensNew}</span>
    </a>
  );
}

/** A number as it is read, groups kept together. */
export function PhoneNumber({ number }: { number: string }) {
  return <bdi className="num nw">{phone(number)}</bdi>;
}
