import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/client";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { useKeyOf } from "../parts/key";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { timelineKey } from "./Timeline";

interface NoteFormProps {
  contact: string;
  done: () => void;
}

/** A note on a customer's history without a call. */
export function NoteForm({ contact, done }: NoteFormProps) {
  const { customer, common } = useT().pages;
  const [text, setText] = useState("");
  const keyOf = useKeyOf();
  const lost = useLostAt() !== null;
  const client = useQueryClient();
  const reason = useReason();
  const saved = useMutation({
    mutationFn: () =>
      post("/api/v1/interactions", {
        body: { channel: "other", direction: "outbound", contact_id: contact, summary: text },
        idempotencyKey: keyOf(text),
      }),
    onSuccess: () => {
      say(customer.noteSaved);
      void client.invalidateQueries({ queryKey: timelineKey(contact) });
      done();
    },
  });
  return (
    <form
      className={`${parts.form} ${parts.pad}`}
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <label className={parts.field}>
        {customer.noteLabel}
        <textarea
          className={parts.input}
          value={text}
          maxLength={4000}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <div className={parts.row}>
        <Button type="submit" look="main" disabled={saved.isPending || lost || text.trim() === ""}>
          {customer.noteSave}
        </Button>
        <Button look="quiet" onClick={done}>
          {common.close}
        </Button>
      </div>
      {saved.isError && <Refusal>{reason(saved.error)}</Refusal>}
    </form>
  );
}
