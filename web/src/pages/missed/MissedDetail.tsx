import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { get, post } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { MissedCustomer } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { phone, span } from "../../i18n/format";
import { Button, buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { DialButton } from "../parts/Dial";
import { Panel } from "../parts/Layout";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { ShortThread } from "../parts/Thread";
import style from "./Missed.module.css";
import { customerName } from "./MissedRow";
import { onlyClosed } from "./why";

const CONTACTS_SHOWN = 6;
const NUMBERS_SHOWN = 4;

/** One customer to be called back: what to say first, what happened, which number. */
export function MissedDetail({ item }: { item: MissedCustomer }) {
  const words = useT().pages;
  const [number, setNumber] = useState(item.number);
  const name = customerName(item);
  return (
    <Panel
      label={name}
      title={name}
      sub={item.contact === null ? words.common.notListed : item.contact.company}
    >
      <div className={parts.pad}>
        <Band item={item} />
        <Past item={item} />
        <Numbers item={item} value={number} onChange={setNumber} />
        {item.state === "open" && (
          <DialButton
            number={number}
            label={words.missed.call}
            whom={name}
            look="main"
            full
            hint="D"
          />
        )}
        {item.state === "open" && <Claim item={item} />}
        {item.contact === null ? (
          <Link
            className={buttonClass("quiet")}
            href={`/contacts/new?number=${encodeURIComponent(item.number)}`}
          >
            <Icon name="add" />
            {words.missed.newContact}
          </Link>
        ) : (
          <Link
            className={buttonClass("quiet")}
            href={`/contacts/${encodeURIComponent(item.contact.id)}`}
          >
            <Icon name="person" />
            {words.missed.openCustomer}
          </Link>
        )}
      </div>
    </Panel>
  );
}

function Band({ item }: { item: MissedCustomer }) {
  const { missed } = useT().pages;
  const broken = item.reasons.includes("promise_broken");
  const due = item.reasons.includes("promise_due");
  const bad = broken || item.reasons.includes("at_risk");
  const closed = onlyClosed(item);
  const held = new Set<string>(item.reasons);
  const outside = item.hours?.closed_attempts ?? 0;
  const title = broken
    ? missed.first.promise
    : due && !bad
      ? missed.first.due
      : bad || (!closed && ["several_calls", "waited"].some((one) => held.has(one)))
        ? missed.first.wait
        : missed.first.plain;
  const look = bad ? style.bad : due ? style.care : "";
  return (
    <div className={`${style.band} ${look}`}>
      <Icon name={bad ? "risk" : due ? "flag" : "phone"} large />
      <h3>{title}</h3>
      <p>
        {closed
          ? missed.sumClosed(item.attempts)
          : missed.sum(item.attempts, span(item.waited_s * 1000))}
        {!closed && outside > 0 && ` ${missed.someClosed(outside)}`}
      </p>
      {item.promise && <p dir="auto">{item.promise.text}</p>}
    </div>
  );
}

function Past({ item }: { item: MissedCustomer }) {
  const { missed } = useT().pages;
  const contact = item.contact?.id ?? null;
  const found = useQuery({
    queryKey: [...KEYS.calls, "timeline", contact, "short", item.last_call],
    queryFn: ({ signal }) =>
      get("/api/v1/contacts/{id}/timeline", {
        path: { id: contact ?? "" },
        query: { limit: CONTACTS_SHOWN },
        signal,
      }),
    enabled: contact !== null,
  });
  if (contact === null || !found.data || found.data.items.length === 0) return null;
  return (
    <section className={parts.sec}>
      <h3>{missed.history}</h3>
      <ShortThread items={found.data.items} />
    </section>
  );
}

interface NumbersProps {
  item: MissedCustomer;
  value: string;
  onChange: (number: string) => void;
}

function Numbers({ item, value, onChange }: NumbersProps) {
  const { missed } = useT().pages;
  const [all, setAll] = useState(false);
  const contact = item.contact?.id ?? null;
  const found = useQuery({
    queryKey: [...KEYS.contacts, contact],
    queryFn: ({ signal }) => get("/api/v1/contacts/{id}", { path: { id: contact ?? "" }, signal }),
    enabled: contact !== null,
  });
  const known = (found.data?.numbers ?? []).filter((one) => one.e164 && !one.e164.endsWith("*"));
  const choices = [
    { number: item.number, label: "" },
    ...known
      .filter((one) => one.e164 !== item.number)
      .map((one) => ({ number: one.e164 ?? one.number, label: one.label })),
  ];
  if (choices.length === 1) return null;
  const shown = all ? choices : choices.slice(0, NUMBERS_SHOWN);
  return (
    <section className={parts.sec}>
      <h3>{missed.whichNumber}</h3>
      <div className={style.numbers}>
        {shown.map((one) => (
          <Button
            key={one.number}
            pressed={one.number === value}
            onClick={() => onChange(one.number)}
          >
            <span className="num">{phone(one.number)}</span>
          </Button>
        ))}
      </div>
      {choices.length > shown.length && (
        <Button look="quiet" small onClick={() => setAll(true)}>
          {missed.moreNumbers(choices.length - shown.length)}
        </Button>
      )}
    </section>
  );
}

function Claim({ item }: { item: MissedCustomer }) {
  const { missed } = useT().pages;
  const me = useMe();
  const lost = useLostAt() !== null;
  const client = useQueryClient();
  const reason = useReason();
  const mine = item.claimed_by === me.login;
  const changed = useMutation({
    mutationFn: () =>
      mine
        ? post("/api/v1/missed/{id}/release", { path: { id: item.id } })
        : post("/api/v1/missed/{id}/claim", { path: { id: item.id } }),
    onSuccess: () => say(mine ? missed.givenBack : missed.taken),
    onSettled: () => client.invalidateQueries({ queryKey: KEYS.missed }),
  });
  return (
    <>
      <Button disabled={changed.isPending || lost} onClick={() => changed.mutate()}>
        {mine ? missed.giveBack : missed.take}
      </Button>
      {changed.isError && <Refusal>{reason(changed.error)}</Refusal>}
    </>
  );
}
