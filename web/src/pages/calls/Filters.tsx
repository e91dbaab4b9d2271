import { type FormEvent, useState } from "react";
import { useAgents } from "../../api/queries";
import { useDesk } from "../../api/store";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import parts from "../parts/parts.module.css";
import style from "./Calls.module.css";

const DIRECTIONS = ["inbound", "outbound", "internal"] as const;
const OUTCOMES = [
  "answered",
  "abandoned",
  "missed",
  "voicemail",
  "busy",
  "rejected",
  "failed",
] as const;
/** The names of the filters, as they stand in the address. */
export const FILTERS = ["from", "to", "number", "direction", "outcome", "queue", "agent"] as const;

export type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

interface FiltersProps {
  value: Filter;
  onChange: (filter: Filter) => void;
}

/** Which calls: by day, number, direction, outcome, queue, colleague. */
export function Filters({ value, onChange }: FiltersProps) {
  const words = useT().pages;
  const [draft, setDraft] = useState(value);
  const set = (name: keyof Filter) => (text: string) => setDraft({ ...draft, [name]: text });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(draft);
  };
  const clear = () => {
    setDraft({});
    onChange({});
  };
  return (
    <form className={style.filters} aria-label={words.calls.filters} onSubmit={submit}>
      <Input type="date" label={words.calls.from} value={draft.from} write={set("from")} />
      <Input type="date" label={words.calls.to} value={draft.to} write={set("to")} />
      <Input type="tel" label={words.calls.number} value={draft.number} write={set("number")} />
      <Select
        label={words.calls.direction}
        value={draft.direction}
        write={set("direction")}
        options={DIRECTIONS.map((one) => [one, words.call[one]] as const)}
      />
      <Select
        label={words.calls.outcome}
        value={draft.outcome}
        write={set("outcome")}
        options={OUTCOMES.map((one) => [one, words.call[one]] as const)}
      />
      <Queues value={draft.queue} write={set("queue")} />
      <Colleagues value={draft.agent} write={set("agent")} />
      <div className={parts.row}>
        <Button type="submit" icon="search">
          {words.calls.apply}
        </Button>
        {Object.values(value).some(Boolean) && (
          <Button look="quiet" onClick={clear}>
            {words.calls.clear}
          </Button>
        )}
      </div>
    </form>
  );
}

interface InputProps {
  label: string;
  type?: string;
  value: string | undefined;
  write: (text: string) => void;
}

function Input({ label, type, value, write }: InputProps) {
  return (
    <label className={parts.field}>
      {label}
      <input
        className={`num ${parts.input}`}
        type={type}
        maxLength={80}
        value={value ?? ""}
        onChange={(event) => write(event.target.value)}
      />
    </label>
  );
}

interface SelectProps extends InputProps {
  options: readonly (readonly [string, string])[];
}

function Select({ label, value, write, options }: SelectProps) {
  const { calls } = useT().pages;
  return (
    <label className={parts.field}>
      {label}
      <select
        className={parts.input}
        value={value ?? ""}
        onChange={(event) => write(event.target.value)}
      >
        <option value="">{calls.any}</option>
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Queues({ value, write }: Omit<InputProps, "label">) {
  const { calls } = useT().pages;
  const queues = useDesk((state) => state.queues);
  const names = [...new Set([...queues.values()].map((one) => one.queue))].sort();
  return (
    <Select
      label={calls.queue}
      value={value}
      write={write}
      options={names.map((one) => [one, one] as const)}
    />
  );
}

function Colleagues({ value, write }: Omit<InputProps, "label">) {
  const { calls } = useT().pages;
  const agents = useAgents().data?.items ?? [];
  return (
    <Select
      label={calls.agent}
      value={value}
      write={write}
      options={agents.map((one) => [one.login, one.name || one.login] as const)}
    />
  );
}
