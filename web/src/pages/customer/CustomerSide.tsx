import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { DirectoryEntry } from "../../api/shapes";
import { useT } from "../../i18n";
import { day } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Name } from "../../ui/Name";
import { useCrmLabel } from "../house";
import { useNames } from "../lists";
import { useMinute } from "../minute";
import { PhoneNumber } from "../parts/Dial";
import { Panel } from "../parts/Layout";
import parts from "../parts/parts.module.css";
import { PromiseRows } from "../promises/PromiseRows";
import style from "./Customer.module.css";
import { kindOf } from "./draft";
import { situationOf } from "./situation";
import { useTimeline } from "./Timeline";

const NUMBERS_SHOWN = 5;
const KEPT_ASKED = 50;

/** What stands beside the history: situation, what is open, who they are. */
export function CustomerSide({ contact }: { contact: DirectoryEntry }) {
  return (
    <>
      <Situation contact={contact} />
      <Open contact={contact.id} />
      <Details contact={contact} />
      {contact.kind === "company" && <People company={contact.id} />}
    </>
  );
}

function usePromisesOf(contact: string) {
  return useQuery({
    queryKey: [...KEYS.promises, "of", contact],
    queryFn: ({ signal }) =>
      get("/api/v1/promises", { query: { contact, to_do: true, limit: 50 }, signal }),
  });
}

function Situation({ contact }: { contact: DirectoryEntry }) {
  const words = useT().pages;
  const now = useMinute();
  const nameOf = useNames();
  const promises = usePromisesOf(contact.id).data?.items ?? [];
  const timeline = useTimeline(contact.id);
  const known = { contact, promises, timeline: timeline.pending ? null : timeline.items };
  return (
    <Panel
      label={words.customer.situation}
      title={words.customer.situation}
      end={
        contact.at_risk ? (
          <Badge tone="risk" icon="risk">
            {words.common.atRisk}
          </Badge>
        ) : (
          contact.vip && <Badge icon="star">{words.common.vip}</Badge>
        )
      }
    >
      <div className={parts.pad}>
        <p className="mid">{situationOf(known, now, words, nameOf)}</p>
      </div>
    </Panel>
  );
}

function Open({ contact }: { contact: string }) {
  const { customer } = useT().pages;
  const now = useMinute();
  const open = usePromisesOf(contact);
  const none = open.data?.items.length === 0;
  const kept = useQuery({
    queryKey: [...KEYS.promises, "kept", contact],
    queryFn: ({ signal }) =>
      get("/api/v1/promises", { query: { contact, state: "kept", limit: KEPT_ASKED }, signal }),
    enabled: none,
  });
  const last = kept.data?.items
    .map((one) => one.settled_at)
    .filter((at) => at !== null)
    .sort()
    .at(-1);
  return (
    <Panel label={customer.open} title={customer.open}>
      <div className={parts.pad}>
        {open.data && !none && <PromiseRows items={open.data.items} brief />}
        {none && (
          <p className="mid">{last ? customer.openNoneLast(day(last, now)) : customer.openNone}</p>
        )}
      </div>
    </Panel>
  );
}

function Details({ contact }: { contact: DirectoryEntry }) {
  const { customer, common } = useT().pages;
  const languages: Readonly<Record<string, string>> = common.language;
  const form =
    contact.formality === "formal"
      ? common.formal
      : contact.formality === "informal"
        ? common.informal
        : contact.formality;
  const rows: [string, string | null][] = [
    [customer.mail, contact.email],
    [customer.owner, contact.owner],
    [customer.language, contact.language && (languages[contact.language] ?? contact.language)],
    [customer.address, form],
    [customer.tags, contact.tags.join(", ") || null],
    ...Object.entries(contact.fields),
  ];
  return (
    <Panel label={customer.details} title={customer.details}>
      <dl className={style.details}>
        {contact.numbers.length > 0 && <Phones contact={contact} />}
        {rows.map(([label, text]) =>
          text ? (
            <div className={style.pair} key={label}>
              <dt dir="auto">{label}</dt>
              <dd>
                <Name>{text}</Name>
              </dd>
            </div>
          ) : null,
        )}
        <Records contact={contact} />
      </dl>
    </Panel>
  );
}

function Phones({ contact }: { contact: DirectoryEntry }) {
  const { customer } = useT().pages;
  const [all, setAll] = useState(false);
  const shown = all ? contact.numbers : contact.numbers.slice(0, NUMBERS_SHOWN);
  const hidden = contact.numbers.length - NUMBERS_SHOWN;
  return (
    <div className={style.pair}>
      <dt>{customer.phones}</dt>
      <dd>
        {shown.map((one) => {
          const kind = kindOf(one.label, customer.numberKinds);
          return (
            <div key={`${one.number}/${one.extension ?? ""}`}>
              <PhoneNumber>{one.e164 ?? one.number}</PhoneNumber>
              {one.extension && `, ${customer.extension(one.extension)}`}
              {kind && <Name className={style.label}>{kind}</Name>}
            </div>
          );
        })}
        {hidden > 0 && (
          <Button look="quiet" small aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? customer.fewerPhones : customer.morePhones(hidden)}
          </Button>
        )}
      </dd>
    </div>
  );
}

function Records({ contact }: { contact: DirectoryEntry }) {
  const { customer } = useT().pages;
  const label = useCrmLabel();
  const own =
    contact.crm && contact.ref ? [{ crm: contact.crm, ref: contact.ref, url: contact.url }] : [];
  return [...own, ...contact.references].map((one) => (
    <div className={style.pair} key={`${one.crm}/${one.ref}`}>
      <dt>{customer.inCrm(label(one.crm))}</dt>
      <dd>
        {one.url ? (
          <a href={one.url} target="_blank" rel="noopener noreferrer">
            {customer.record(one.ref)}
          </a>
        ) : (
          customer.record(one.ref)
        )}
      </dd>
    </div>
  ));
}

function People({ company }: { company: string }) {
  const { customers } = useT().pages;
  const found = useQuery({
    queryKey: [...KEYS.contacts, "of", company],
    queryFn: ({ signal }) =>
      get("/api/v1/contacts", { query: { company_id: company, limit: 50 }, signal }),
  });
  if (!found.data) return null;
  return (
    <Panel label={customers.people} title={customers.people}>
      <ul className={parts.pad}>
        {found.data.items.length === 0 && <li className="mid">{customers.peopleNone}</li>}
        {found.data.items.map((one) => (
          <li key={one.id}>
            <Link href={`/contacts/${encodeURIComponent(one.id)}`}>
              <Name>{one.name ?? one.id}</Name>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
