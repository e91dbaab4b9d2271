import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { patch, post } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { KEYS } from "../../api/queries";
import type { DirectoryEntry } from "../../api/shapes";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { useKeyOf } from "../parts/key";
import { Panel, Split } from "../parts/Layout";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { ContactFields } from "./ContactFields";
import { Duplicates } from "./Duplicates";
import { bodyOf, type ContactDraft, changesOf } from "./draft";

interface ContactFormProps {
  before: ContactDraft;
  /** The contact that is changed; null for a new one. */
  contact: DirectoryEntry | null;
}

/** The fields of a contact with what became of saving them. */
export function ContactForm({ before, contact }: ContactFormProps) {
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
      stack="before"
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
