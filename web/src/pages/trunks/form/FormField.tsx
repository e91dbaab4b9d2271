import { useId } from "react";
import { language } from "../../../i18n/language";
import { useSetting } from "../../../i18n/setting";
import { useTrunkWords } from "../../../i18n/trunks";
import parts from "../../parts/parts.module.css";
import type { TrunkField, TrunkValue } from "../types";
import { linesOf, listOf } from "./draft";
import style from "./Form.module.css";

interface FieldProps {
  field: TrunkField;
  value: TrunkValue;
  mistake: string | undefined;
  onChange: (value: TrunkValue) => void;
}

/** One field with what it does; when to change it and what happens otherwise open below it. */
export function FormField({ field, value, mistake, onChange }: FieldProps) {
  const { form } = useTrunkWords();
  const spoken = useSetting(language);
  const id = useId();
  const about = [mistake === undefined ? null : `${id}-bad`, `${id}-what`]
    .filter(Boolean)
    .join(" ");
  return (
    <div className={style.field}>
      <label htmlFor={id}>
        {field.label[spoken]}
        {field.required && <span className="dim"> {form.required}</span>}
      </label>
      <Input
        id={id}
        about={about}
        field={field}
        value={value}
        bad={mistake !== undefined}
        onChange={onChange}
      />
      {mistake !== undefined && (
        <p id={`${id}-bad`} className={style.mistake}>
          {field.label[spoken]}: {mistake}
        </p>
      )}
      <p id={`${id}-what`} className={style.about}>
        {field.what[spoken]}
      </p>
      <details className={style.more}>
        <summary>
          {form.when}
          <span className="vh">: {field.label[spoken]}</span>
        </summary>
        <dl>
          <dt className="vh">{form.when}</dt>
          <dd>{field.when[spoken]}</dd>
          <dt>{form.otherwise}</dt>
          <dd>{field.otherwise[spoken]}</dd>
          <dt>{form.option}</dt>
          <dd>
            <code>{field.option}</code>
          </dd>
        </dl>
      </details>
    </div>
  );
}

interface InputProps {
  id: string;
  about: string;
  field: TrunkField;
  value: TrunkValue;
  bad: boolean;
  onChange: (value: TrunkValue) => void;
}

function Input({ id, about, field, value, bad, onChange }: InputProps) {
  const common = {
    id,
    "aria-describedby": about,
    "aria-invalid": bad || undefined,
    className: parts.input,
  };
  switch (field.kind) {
    case "flag":
      return <Flag id={id} about={about} on={value === true} onChange={onChange} />;
    case "choice":
      return (
        <select
          {...common}
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
        >
          {field.choices.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      );
    case "list":
      return <Lines common={common} field={field} value={value} onChange={onChange} />;
    case "number":
      return (
        <input
          {...common}
          type="number"
          min={field.least ?? undefined}
          max={field.most ?? undefined}
          value={String(value)}
          onChange={(event) =>
            onChange(event.target.value === "" ? "" : Number(event.target.value))
          }
        />
      );
    default:
      return (
        <input
          {...common}
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          placeholder={field.example}
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

function Flag(props: { id: string; about: string; on: boolean; onChange: (on: boolean) => void }) {
  const { id, about, on, onChange } = props;
  const { form } = useTrunkWords();
  return (
    <span className={parts.check}>
      <input
        id={id}
        type="checkbox"
        aria-describedby={about}
        checked={on}
        onChange={(event) => onChange(event.target.checked)}
      />
      {on ? form.on : form.off}
    </span>
  );
}

interface LinesProps extends Pick<InputProps, "field" | "value" | "onChange"> {
  common: Record<string, unknown>;
}

function Lines({ common, field, value, onChange }: LinesProps) {
  // uncontrolled: a line that is being begun is no item yet
  return (
    <textarea
      {...common}
      rows={3}
      spellCheck={false}
      placeholder={field.example}
      defaultValue={linesOf(value)}
      onChange={(event) => onChange(listOf(event.target.value))}
    />
  );
}
