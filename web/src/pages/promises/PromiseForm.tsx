import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post } from "../../api/client";
import { serverNow } from "../../api/clock";
import { KEYS, useAgents } from "../../api/queries";
import { useMe } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { fieldTime } from "../format";
import { useKeyOf } from "../parts/key";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { DueField } from "./DueField";

const HOUR = 3_600_000;

interface PromiseFormProps {
  contact?: string | null;
  number?: string | null;
  done: () => void;
}

/** A call-back is promised: by when, what, and whose task it is. */
export function PromiseForm({ contact = null, number = null, done }: PromiseFormProps) {
  const { promises, common } = useT().pages;
  const me = useMe();
  const [to, setTo] = useState(number ?? "");
  const [due, setDue] = useState(() => fieldTime(serverNow() + HOUR));
  const [text, setText] = useState("");
  const [assignee, setAssignee] = useState(me.login);
  const [past, setPast] = useState(false);
  const lost = useLostAt() !== null;
  const reason = useReason();
  const saved = useMade(done);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const at = new Date(due);
    const late = !(at.getTime() > serverNow());
    setPast(late);
    if (late) return;
    const whom = { ...(contact ? { contact_id: contact } : {}), ...(to ? { number: to } : {}) };
    saved.mutate({ ...whom, due_at: at.toISOString(), text, assignee });
  };
  return (
    <form className={`${parts.form} ${parts.pad}`} onSubmit={submit}>
      {contact === null && (
        <label className={parts.field}>
          {promises.to}
          <input
            className={parts.input}
            type="tel"
            required
            maxLength={80}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </label>
      )}
      <label className={parts.field}>
        {promises.text}
        <textarea
          className={parts.input}
          required
          maxLength={500}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <DueField value={due} onChange={setDue} agent={assignee} />
      <Assignee value={assignee} onChange={setAssignee} />
      <div className={parts.row}>
        <Button type="submit" look="main" disabled={saved.isPending || lost}>
          {promises.new}
        </Button>
        <Button look="quiet" onClick={done}>
          {common.close}
        </Button>
      </div>
      {past && <Refusal>{promises.past}</Refusal>}
      {saved.isError && <Refusal>{reason(saved.error)}</Refusal>}
    </form>
  );
}

interface Made {
  contact_id?: string;
  number?: string;
  due_at: string;
  text: string;
  assignee: string;
}

function useMade(done: () => void) {
  const { promises } = useT().pages;
  const client = useQueryClient();
  const keyOf = useKeyOf();
  return useMutation({
    mutationFn: (body: Made) => post("/api/v1/promises", { body, idempotencyKey: keyOf(body) }),
    onSuccess: () => {
      say(promises.made);
      void client.invalidateQueries({ queryKey: KEYS.promises });
      done();
    },
  });
}

interface AssigneeProps {
  value: string;
  onChange: (login: string) => void;
}

function Assignee({ value, onChange }: AssigneeProps) {
  const { promises } = useT().pages;
  const agents = useAgents().data?.items ?? [];
  const me = useMe();
  const others = agents.filter((one) => one.login !== me.login);
  return (
    <label className={parts.field}>
      {promises.assignee}
      <select
        className={parts.input}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value={me.login}>{me.name || me.login}</option>
        {others.map((one) => (
          <option key={one.login} value={one.login}>
            {one.name || one.login}
          </option>
        ))}
      </select>
    </label>
  );
}
