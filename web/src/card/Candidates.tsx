import { useKey } from "../app/keys";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Name } from "../ui/Name";
import { useDraft } from "./drafts";
import { contactName, outsideNumber } from "./naming";
import pick from "./Pick.module.css";
import { Section } from "./Section";
import { useAsking, useSurroundings } from "./surroundings";
import type { Card, Contact } from "./types";
import { useCardWords } from "./words";

interface CandidatesProps {
  card: Card;
  onContact: () => void;
  onLink: () => void;
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Who it may be, the likeliest first, each with its reason; nobody is chosen by itself. */
export function Candidates({ card, onContact, onLink }: CandidatesProps) {
  const words = useCardWords();
  const { commands, say } = useSurroundings();
  const [busy, failure, ask] = useAsking();
  const [draft] = useDraft(card.callId);
  const remember = draft.remember;
  const { candidates, match, call } = card.pop;
  const choose = async (contact: Contact) => {
    const number = outsideNumber(call);
    const done = await ask(() => commands.choose(card.callId, number, contact.id, remember));
    if (done) say(remember ? words.chosen : words.chosenOnce);
  };
  const keyed = KEYS.slice(0, candidates.length + 1);
  return (
    <Section title={words.whoSpeaks} aside={words.whoSpeaksWhy}>
      {keyed.map((key, i) => {
        const contact = candidates[i];
        return (
          <Choice
            key={key}
            name={key}
            act={() => (contact === undefined ? onLink() : void choose(contact))}
          />
        );
      })}
      <ul className={pick.pick}>
        {candidates.map((contact, i) => (
          <li key={contact.id}>
            <button type="button" disabled={busy} onClick={() => void choose(contact)}>
              <kbd aria-hidden="true">{i + 1}</kbd>
              <span className={pick.text}>
                <span className={pick.first}>
                  <b className="cut">
                    <Name>{contactName(contact) ?? "?"}</Name>
                  </b>
                  {contact.at_risk && (
                    <Badge tone="risk" icon="risk">
                      {words.atRisk}
                    </Badge>
                  )}
                </span>
                <Described contact={contact} />
              </span>
              <span className={pick.why}>{words[`why_${match.reasons[i] ?? "person"}`]}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className={pick.after}>
        <Button onClick={onLink}>
          <kbd aria-hidden="true">{KEYS[candidates.length]}</kbd>
          {words.otherPerson}
        </Button>
        <Button look="quiet" icon="add" onClick={onContact}>
          {words.newContactNumber}
        </Button>
      </div>
      {failure !== null && <p className="risk small">{failure}</p>}
    </Section>
  );
}

/** A key of the row of figures: what it does while these are on screen. */
function Choice({ name, act }: { name: string; act: () => void }) {
  useKey(name, act);
  return null;
}

function Described({ contact }: { contact: Contact }) {
  const words = useCardWords();
  const form =
    contact.formality === null
      ? ""
      : contact.formality === "formal"
        ? words.formal
        : words.informal;
  const company = contact.name === null ? "" : (contact.company ?? "");
  const parts = [company, form, contact.vip ? words.vip : ""].filter(Boolean);
  return (
    <span className={`${pick.sub} cut`} dir="auto">
      {parts.join(" · ")}
    </span>
  );
}

/** Whether the choice holds for the next calls too. */
export function Remember({ card }: { card: Card }) {
  const words = useCardWords();
  const [draft, change] = useDraft(card.callId);
  return (
    <label className={pick.check}>
      <input
        type="checkbox"
        checked={draft.remember}
        onChange={(event) => change({ remember: event.target.checked })}
      />
      <span>{words.remember}</span>
    </label>
  );
}
