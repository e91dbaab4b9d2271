import { type FormEvent, useEffect, useRef } from "react";
import { useKey } from "../app/keys";
import { Button } from "../ui/Button";
import { TextField } from "../ui/TextField";
import type { ContactBody } from "./commands";
import { useDraft } from "./drafts";
import fields from "./Fields.module.css";
import { outsideNumber } from "./naming";
import { Section } from "./Section";
import { useAsking, useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface ContactPanelProps {
  card: Card;
  onClose: () => void;
}

/** A new contact with the caller's number filled in: made when a person says so, never by itself. */
export function ContactPanel({ card, onClose }: ContactPanelProps) {
  const words = useCardWords();
  const { commands, say } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const [busy, failure, ask] = useAsking();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  useKey("Escape", onClose, { inFields: true });
  const known = outsideNumber(card.pop.call) ?? "";
  const values = { name: "", company: "", mail: "", number: known, ...draft.fields };
  const entry = (name: keyof Values) => ({
    around: fields.label,
    className: fields.input,
    maxLength: 200,
    autoComplete: "off",
    value: values[name],
    write: (value: string) => change({ fields: { ...draft.fields, [name]: value } }),
  });
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const done = await ask(async () => {
      const answer = await commands.newContact(bodyOf(values));
      if (answer === null || typeof answer === "string") return answer;
      // a shared or a hidden number does not find the new contact by itself
      const own =
        card.pop.match.kind === "none" && values.number === known && card.phase !== "ended";
      return own ? null : commands.choose(card.callId, known || null, answer.id, known !== "");
    });
    if (!done) return;
    say(words.contactMade);
    onClose();
  };
  return (
    <Section title={words.contactTitle}>
      <form className={fields.stack} onSubmit={(event) => void create(event)}>
        <TextField
          {...entry("name")}
          ref={field}
          label={words.contactName}
          dir="auto"
          required={values.company === ""}
        />
        <TextField {...entry("company")} label={words.contactCompany} dir="auto" />
        <TextField
          {...entry("number")}
          label={words.contactNumber}
          className={`${fields.input} num`}
          inputMode="tel"
          maxLength={80}
        />
        <TextField {...entry("mail")} label={words.contactMail} type="email" />
        {failure !== null && <p className="risk small">{failure}</p>}
        <div className={fields.grid2}>
          <Button type="submit" look="main" disabled={busy}>
            {words.contactSave}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Section>
  );
}

interface Values {
  name: string;
  company: string;
  mail: string;
  number: string;
}

function bodyOf({ name, company, mail, number }: Values): ContactBody {
  const person = name.trim() !== "";
  return {
    kind: person ? "person" : "company",
    name: person ? name.trim() : company.trim(),
    company: person ? company.trim() || null : null,
    email: mail.trim() || null,
    numbers: number.trim() === "" ? [] : [{ number: number.trim(), label: "phone" }],
  };
}
