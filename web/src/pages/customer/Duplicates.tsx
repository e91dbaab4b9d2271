import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { Link } from "wouter";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { DirectoryEntry } from "../../api/shapes";
import { useT } from "../../i18n";
import { Badge } from "../../ui/Badge";
import { Name } from "../../ui/Name";
import { Panel } from "../parts/Layout";
import parts from "../parts/parts.module.css";
import { looksDialled } from "./CustomersPage";
import type { ContactDraft } from "./draft";

const SHOWN = 5;
const LETTERS = 3;

/** Entries of the directory with the same number or name: better completed than doubled. */
export function Duplicates({ draft }: { draft: ContactDraft }) {
  const { form } = useT().pages;
  const numbers = useDeferredValue(
    draft.numbers.map((one) => one.number.trim()).filter(looksDialled),
  );
  const name = useDeferredValue((draft.kind === "person" ? draft.name : draft.company).trim());
  const byNumber = useFound("number", numbers[0] ?? "", numbers.length > 0);
  const byName = useFound("q", name, name.length >= LETTERS);
  const others = byName.filter((one) => byNumber.every((same) => same.id !== one.id));
  if (byNumber.length + others.length === 0) return null;
  return (
    <Panel label={form.duplicates} title={form.duplicates}>
      <div className={parts.pad} role="note">
        <p className="mid">{form.duplicatesLead}</p>
        <ul className={parts.form}>
          {byNumber.map((one) => (
            <Double key={one.id} contact={one} why={form.sameNumber} />
          ))}
          {others.map((one) => (
            <Double key={one.id} contact={one} why={form.sameName} />
          ))}
        </ul>
      </div>
    </Panel>
  );
}

function useFound(by: "number" | "q", text: string, enabled: boolean): DirectoryEntry[] {
  const found = useQuery({
    queryKey: [...KEYS.contacts, "same", by, text],
    queryFn: ({ signal }) =>
      get("/api/v1/contacts", {
        query: { ...(by === "q" ? { q: text } : { number: text }), limit: SHOWN },
        signal,
      }),
    enabled,
  });
  return enabled ? (found.data?.items ?? []) : [];
}

function Double({ contact, why }: { contact: DirectoryEntry; why: string }) {
  return (
    <li>
      <Link href={`/contacts/${encodeURIComponent(contact.id)}`}>
        <Name>{contact.name ?? contact.company ?? contact.id}</Name>
      </Link>{" "}
      <Badge>{why}</Badge>
      {contact.company && contact.name && (
        <div className="dim">
          <Name>{contact.company}</Name>
        </div>
      )}
    </li>
  );
}
