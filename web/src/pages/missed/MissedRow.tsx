import { Link } from "wouter";
import type { MissedCustomer } from "../../api/shapes";
import { useDesk } from "../../api/store";
import { useT } from "../../i18n";
import { moment, phone } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { age, shortly } from "../format";
import { useNames } from "../lists";
import { DialButton } from "../parts/Dial";
import style from "./Missed.module.css";
import { opensAt, talkingCall, waitingFor, whyNow } from "./why";

/** How a customer of the list is called: by name, company, or their number. */
export function customerName(item: MissedCustomer): string {
  return item.contact?.name ?? item.contact?.company ?? phone(item.number);
}

/** One customer to be called back. */
export function MissedRow({ item, chosen }: { item: MissedCustomer; chosen: boolean }) {
  const words = useT().pages;
  const now = useNow();
  const nameOf = useNames();
  const name = customerName(item);
  const second = item.contact === null ? words.common.notListed : item.contact.company;
  return (
    <tr className={chosen ? style.on : undefined}>
      <td>
        <Link href={`/missed/${item.id}`} className={style.name} aria-current={chosen}>
          <Name>{name}</Name>
        </Link>
        {second && second !== name && <Name className={style.s}>{second}</Name>}
      </td>
      <td>
        <WhyCell item={item} now={now} />
      </td>
      <td className={`num ${style.wide}`}>
        {[item.attempts, item.queues.join(", ") || item.lines.join(", ")]
          .filter(Boolean)
          .join(" · ")}
      </td>
      <td className={`num ${style.r}`}>
        {item.closed_at === null ? <Since item={item} now={now} /> : shortly(item.closed_at, now)}
      </td>
      <td className={style.wide}>
        {item.claimed_by === null ? (
          <span className="dim">{words.common.nobody}</span>
        ) : (
          <Name>{nameOf(item.claimed_by)}</Name>
        )}
      </td>
      <td>
        <ActionCell item={item} name={name} chosen={chosen} />
      </td>
    </tr>
  );
}

function Since({ item, now }: { item: MissedCustomer; now: number }) {
  const { missed } = useT().pages;
  const opens = opensAt(item, now);
  if (opens !== null) return missed.opens(moment(opens, now));
  return (
    <>
      {age(waitingFor(item, now))}
      {item.hours && <span className={style.s}>{missed.openTime}</span>}
    </>
  );
}

function WhyCell({ item, now }: { item: MissedCustomer; now: number }) {
  const words = useT().pages;
  const talking = useDesk((state) => talkingCall(item, state.calls));
  const why =
    talking !== null
      ? ({ icon: "ok", tone: "ok", text: words.missed.talking } as const)
      : whyNow(item, now, words);
  return (
    <span className={`${style.why} ${why.tone}`}>
      <Icon name={why.icon} />
      <span>{why.text}</span>
    </span>
  );
}

function ActionCell({
  item,
  name,
  chosen,
}: {
  item: MissedCustomer;
  name: string;
  chosen: boolean;
}) {
  const { missed } = useT().pages;
  const talking = useDesk((state) => talkingCall(item, state.calls) !== null);
  if (item.state === "closed") return <Badge icon="ok">{missed.closedBySpeaking}</Badge>;
  if (talking) {
    return (
      <Badge tone="ok" icon="ok">
        {missed.closesItself}
      </Badge>
    );
  }
  return (
    <DialButton
      number={item.number}
      label={missed.call}
      whom={name}
      look={chosen ? "main" : "plain"}
      small
    />
  );
}
