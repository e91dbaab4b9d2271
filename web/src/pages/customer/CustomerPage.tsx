import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { get } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { KEYS } from "../../api/queries";
import type { DirectoryEntry } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useKey } from "../../app/keys";
import { useT } from "../../i18n";
import { phone } from "../../i18n/format";
import { Button, buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { useCrmLabel } from "../house";
import { DialButton } from "../parts/Dial";
import { PageHead, Panel, Split } from "../parts/Layout";
import { Empty, Failed } from "../parts/Notice";
import { PromiseForm } from "../promises/PromiseForm";
import { CustomerSide } from "./CustomerSide";
import { NoteForm } from "./NoteForm";
import { Timeline } from "./Timeline";

/** A customer: what was between them and us, how they stand, who they are. */
export default function CustomerPage({ id }: { id: string }) {
  const { customer } = useT().pages;
  const found = useQuery({
    queryKey: [...KEYS.contacts, id],
    queryFn: ({ signal }) => get("/api/v1/contacts/{id}", { path: { id }, signal }),
  });
  if (found.data) return <Customer contact={found.data} />;
  if (!found.isError) return null;
  if (found.error instanceof ApiProblem && found.error.status === 404) {
    return (
      <Panel label={customer.history}>
        <Empty>{customer.notFound}</Empty>
      </Panel>
    );
  }
  return <Failed error={found.error} retry={() => void found.refetch()} />;
}

type Opened = "promise" | "note" | null;

function Customer({ contact }: { contact: DirectoryEntry }) {
  const { customer } = useT().pages;
  const [opened, setOpened] = useState<Opened>(null);
  const name = contact.name ?? contact.company ?? contact.id;
  const close = () => setOpened(null);
  useKey("Escape", close, { off: opened === null });
  useKey("P", () => setOpened("promise"));
  return (
    <>
      <PageHead title={name} lead={<Facts contact={contact} name={name} />}>
        <Actions contact={contact} name={name} opened={opened} open={setOpened} />
      </PageHead>
      <Split
        chosen={false}
        stack={opened === null ? "after" : "before"}
        home="/contacts"
        list={<Timeline contact={contact.id} />}
        detail={
          <>
            {opened === "promise" && (
              <Panel label={customer.promise} title={customer.promise}>
                <PromiseForm contact={contact.id} number={firstNumber(contact)} done={close} />
              </Panel>
            )}
            {opened === "note" && (
              <Panel label={customer.noteTitle} title={customer.noteTitle}>
                <NoteForm contact={contact.id} done={close} />
              </Panel>
            )}
            <CustomerSide contact={contact} />
          </>
        }
      />
    </>
  );
}

/** The number to call somebody on: the first that is one, not a range. */
export function firstNumber(contact: DirectoryEntry): string | null {
  return contact.numbers.find((one) => one.e164 && !one.e164.endsWith("*"))?.e164 ?? null;
}

function Facts({ contact, name }: { contact: DirectoryEntry; name: string }) {
  const { common } = useT().pages;
  const number = firstNumber(contact);
  const form =
    contact.formality === "formal"
      ? common.formal
      : contact.formality === "informal"
        ? common.informal
        : null;
  const facts = [
    contact.company === name ? null : contact.company,
    number === null ? null : phone(number),
    form,
    contact.owner === null ? null : common.owner(contact.owner),
  ];
  return <span className="num">{facts.filter(Boolean).join(" · ")}</span>;
}

interface ActionsProps {
  contact: DirectoryEntry;
  name: string;
  opened: Opened;
  open: (what: Opened) => void;
}

function Actions({ contact, name, opened, open }: ActionsProps) {
  const { customer } = useT().pages;
  const scopes = useMe().scopes;
  const label = useCrmLabel();
  const number = firstNumber(contact);
  const toggle = (what: "promise" | "note") => open(opened === what ? null : what);
  return (
    <>
      {contact.url && (
        <a className={buttonClass()} href={contact.url} target="_blank" rel="noopener noreferrer">
          <Icon name="link" />
          {customer.openIn(contact.crm === null ? "CRM" : label(contact.crm))}
        </a>
      )}
      {scopes.includes("contacts:write") && (
        <Link className={buttonClass()} href={`/contacts/${encodeURIComponent(contact.id)}/edit`}>
          {customer.edit}
        </Link>
      )}
      {scopes.includes("interactions:write") && (
        <Button icon="note" aria-expanded={opened === "note"} onClick={() => toggle("note")}>
          {customer.note}
        </Button>
      )}
      <Button icon="flag" aria-expanded={opened === "promise"} onClick={() => toggle("promise")}>
        {customer.promise}
      </Button>
      {number !== null && scopes.includes("calls:dial") && (
        <DialButton number={number} label={customer.call} whom={name} look="main" hint="D" />
      )}
    </>
  );
}
