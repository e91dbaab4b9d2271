import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { get, patch, post } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { KEYS } from "../../api/queries";
import type { DirectoryEntry } from "../../api/shapes";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { useKeyOf } from "../parts/key";
import { PageHead, Panel, Split } from "../parts/Layout";
import { Failed, Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { ContactFields } from "./ContactFields";
import { Duplicates } from "./Duplicates";
import { bodyOf, type ContactDraft, changesOf, draftOf, emptyDraft } from "./draft";

/** A new contact, with the number or name filled that one came with. */
export function NewContactPage() {
  const { form } = useT().pages;
  const [params] = useSearchParams();
  const known = { name: params.get("name"), number: params.get("number") };
  return (
    <>
      <PageHead title={form.newTitle} />
      <ContactForm before={emptyDraft(known)} contact={null} />
    </>
  );
}

/** Changing a contact that is there. */
export function EditContactPage({ id }: { id: string }) {
  const { form } = useT().pages;
  const found = useQuery({
    queryKey: [...KEYS.contacts, id],
    queryFn: ({ signal }) => get("/api/v1/contacts/{id}", { path: { id }, signal }),
    staleTime: 0,
  });
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  const contact = found.data;
  return (
    <>
      <PageHead title={form.editTitle(contact.name ?? contact.company ?? contact.id)} />
      <ContactForm key={contact.change} before={draftOf(contact)} contact={contact} />
    </>
  );
}

interface ContactFormProps {
  before: ContactDraft;
  /** The contact that is changed; null for a new one. */
  contact: DirectoryEntry | null;
}

function ContactForm({ before, contact }: ContactFormProps) {
  const { form, common } = useT().pages;
  const [first] = useState(before);
  const [draft, setDraft] = useState(before);
  const [unnamed, setUnnamed] = useState(false);
  const [, go] = useLocation();
  const lost = useLostAt() !== null;
  const reason = useReason();
  const client = useQueryClient();
  const saved = useSaved(contact, first);
  const change = (part: Partial<ContactDraft>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const nobody = draft.name.trim() === "" && draft.company.trim() === "";
    setUnnamed(nobody);
    if (!nobody) saved.mutate(draft);
  };
  const newer = saved.error instanceof ApiProblem && saved.error.status === 412;
  const home = contact === null ? "/contacts" : `/contacts/${encodeURIComponent(contact.id)}`;
  return (
    <Split
      chosen={false}
      home={home}
      list={
        <Panel label={contact === null ? form.newTitle : form.editTitle(before.name)}>
          <form className={`${parts.form} ${parts.pad}`} onSubmit={submit}>
            <ContactFields draft={draft} change={change} />
            <div className={parts.row}>
              <Button type="submit" look="main" disabled={saved.isPending || lost}>
                {contact === null ? form.create : common.save}
              </Button>
              <Link className={buttonClass("quiet")} href={home} onClick={() => go(home)}>
                {common.cancel}
              </Link>
            </div>
            {unnamed && <Refusal>{form.needName}</Refusal>}
            {saved.isError && <Refusal>{newer ? form.newer : reason(saved.error)}</Refusal>}
            {newer && (
              <Button
                small
                onClick={() => void client.invalidateQueries({ queryKey: KEYS.contacts })}
              >
                {form.reread}
              </Button>
            )}
          </form>
        </Panel>
      }
      detail={contact === null && <Duplicates draft={draft} />}
    />
  );
}

function useSaved(contact: DirectoryEntry | null, before: ContactDraft) {
  const { form } = useT().pages;
  const [, go] = useLocation();
  const keyOf = useKeyOf();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: ContactDraft) => {
      if (contact === null) {
        return post("/api/v1/contacts", {
          body: bodyOf(draft),
          idempotencyKey: keyOf(bodyOf(draft)),
        });
      }
      return patch("/api/v1/contacts/{id}", {
        path: { id: contact.id },
        body: {
          ...changesOf(before, draft),
          ...(contact.change === null ? {} : { change: contact.change }),
        },
      });
    },
    onSuccess: (stored) => {
      say(contact === null ? form.created : form.saved);
      client.setQueryData([...KEYS.contacts, stored.id], stored);
      void client.invalidateQueries({ queryKey: [...KEYS.contacts, "search"] });
      go(`/contacts/${encodeURIComponent(stored.id)}`);
    },
  });
}
