import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useRef } from "react";
import { useKey } from "../app/keys";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { useDraft } from "./drafts";
import fields from "./Fields.module.css";
import { contactName, outsideNumber } from "./naming";
import pick from "./Pick.module.css";
import { Section } from "./Section";
import { useAsking, useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface LinkPanelProps {
  card: Card;
  onClose: () => void;
  onContact: () => void;
}

/** Say who it is where the number does not: look for a contact, link the call to it. */
export function LinkPanel({ card, onClose, onContact }: LinkPanelProps) {
  const words = useCardWords();
  const { commands, say } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const [busy, failure, ask] = useAsking();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  useKey("Escape", onClose, { inFields: true });
  const text = draft.fields.link ?? "";
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["contacts", "link", wanted],
    queryFn: ({ signal }) => commands.search(wanted, signal),
    enabled: wanted.length > 1,
  });
  const link = async (id: string) => {
    const number = outsideNumber(card.pop.call);
    if (!(await ask(() => commands.choose(card.callId, number, id, false)))) return;
    say(words.chosenOnce);
    onClose();
  };
  const people = found.data ?? [];
  return (
    <Section title={words.linkTitle}>
      <div className={fields.stack}>
        <input
          ref={field}
          className={fields.input}
          aria-label={words.linkFind}
          placeholder={words.linkFind}
          autoComplete="off"
          value={text}
          onChange={(event) => change({ fields: { ...draft.fields, link: event.target.value } })}
        />
        {people.length > 0 && (
          <ul className={pick.pick}>
            {people.map((contact) => (
              <li key={contact.id}>
                <button type="button" disabled={busy} onClick={() => void link(contact.id)}>
                  <Icon name={contact.kind === "company" ? "company" : "person"} large />
                  <span className={pick.text}>
                    <Name className="cut">{contactName(contact) ?? "?"}</Name>
                    <span className={`${pick.sub} cut`} dir="auto">
                      {contact.name === null ? "" : contact.company}
                    </span>
                  </span>
                  <span className={pick.why}>{words.linkThis}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {wanted.length > 1 && found.isSuccess && people.length === 0 && (
          <p className="mid small">{words.linkNobody}</p>
        )}
        {failure !== null && <p className="risk small">{failure}</p>}
        <div className={fields.grid2}>
          <Button icon="add" onClick={onContact}>
            {words.newContact}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </div>
    </Section>
  );
}
