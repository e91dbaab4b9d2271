import type { ComponentProps } from "react";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import parts from "../parts/parts.module.css";
import style from "./Customer.module.css";
import { type ContactDraft, type NumberDraft, newNumber } from "./draft";

interface FieldsProps {
  draft: ContactDraft;
  change: (change: Partial<ContactDraft>) => void;
}

function Text(props: ComponentProps<typeof TextField>) {
  return (
    <TextField
      {...props}
      around={parts.field}
      className={parts.input}
      maxLength={200}
      autoComplete="off"
    />
  );
}

/** Who somebody is: name, company, how to address them, marks. */
export function ContactFields({ draft, change }: FieldsProps) {
  const { form, customers } = useT().pages;
  return (
    <>
      <label className={parts.field}>
        {form.kind}
        <select
          className={parts.input}
          value={draft.kind}
          onChange={(event) =>
            change({ kind: event.target.value === "company" ? "company" : "person" })
          }
        >
          <option value="person">{customers.person}</option>
          <option value="company">{customers.companyKind}</option>
        </select>
      </label>
      <div className={parts.pair}>
        {draft.kind === "person" && (
          <Text label={form.name} value={draft.name} write={(name) => change({ name })} />
        )}
        <Text label={form.company} value={draft.company} write={(company) => change({ company })} />
      </div>
      <NumberFields draft={draft} change={change} />
      <div className={parts.pair}>
        <Text
          label={form.email}
          type="email"
          value={draft.email}
          write={(email) => change({ email })}
        />
        <Text label={form.owner} value={draft.owner} write={(owner) => change({ owner })} />
      </div>
      <Manner draft={draft} change={change} />
      <Text label={form.tags} value={draft.tags} write={(tags) => change({ tags })} />
      <div className={parts.row}>
        <label className={parts.check}>
          <input
            type="checkbox"
            checked={draft.vip}
            onChange={(event) => change({ vip: event.target.checked })}
          />
          {form.vip}
        </label>
        <label className={parts.check}>
          <input
            type="checkbox"
            checked={draft.at_risk}
            onChange={(event) => change({ at_risk: event.target.checked })}
          />
          {form.atRisk}
        </label>
      </div>
    </>
  );
}

function Manner({ draft, change }: FieldsProps) {
  const { form, common } = useT().pages;
  const usual = ["", "it", "en"];
  return (
    <div className={parts.pair}>
      <label className={parts.field}>
        {form.language}
        <select
          className={parts.input}
          value={draft.language}
          onChange={(event) => change({ language: event.target.value })}
        >
          <option value="">{form.languageNone}</option>
          <option value="it">{common.language.it}</option>
          <option value="en">{common.language.en}</option>
          {!usual.includes(draft.language) && (
            <option value={draft.language}>{draft.language}</option>
          )}
        </select>
      </label>
      <label className={parts.field}>
        {form.formality}
        <select
          className={parts.input}
          value={draft.formality}
          onChange={(event) => change({ formality: event.target.value })}
        >
          <option value="">{form.formalityNone}</option>
          <option value="formal">{common.formal}</option>
          <option value="informal">{common.informal}</option>
        </select>
      </label>
    </div>
  );
}

function NumberFields({ draft, change }: FieldsProps) {
  const { form } = useT().pages;
  const write = (key: number, part: Partial<NumberDraft>) =>
    change({
      numbers: draft.numbers.map((one) => (one.key === key ? { ...one, ...part } : one)),
    });
  const add = () => {
    const key = 1 + Math.max(-1, ...draft.numbers.map((one) => one.key));
    change({ numbers: [...draft.numbers, newNumber(key)] });
  };
  return (
    <fieldset className={style.fieldset}>
      <legend>{form.numbers}</legend>
      <div className={style.numbers}>
        {draft.numbers.map((one, index) => (
          <div className={style.numberRow} key={one.key}>
            <input
              className={`num ${parts.input}`}
              type="tel"
              maxLength={80}
              autoComplete="off"
              aria-label={form.number(index + 1)}
              value={one.number}
              onChange={(event) => write(one.key, { number: event.target.value })}
            />
            <input
              className={parts.input}
              maxLength={40}
              autoComplete="off"
              aria-label={form.label(index + 1)}
              placeholder={form.labelHint}
              value={one.label}
              onChange={(event) => write(one.key, { label: event.target.value })}
            />
            <Button
              icon="close"
              look="quiet"
              onClick={() =>
                change({ numbers: draft.numbers.filter((other) => other.key !== one.key) })
              }
            >
              <span className="vh">{form.removeNumber(index + 1)}</span>
            </Button>
          </div>
        ))}
      </div>
      <Button icon="add" small onClick={add}>
        {form.addNumber}
      </Button>
    </fieldset>
  );
}
