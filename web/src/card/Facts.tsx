import type { ReactNode } from "react";
import { Icon, type Tone } from "../ui/Icon";
import type { IconName } from "../ui/icons";
import { Name } from "../ui/Name";
import { useLate } from "./late";
import { isHidden, outsideNumber } from "./naming";
import { useSurroundings } from "./surroundings";
import type { Card, Pop } from "./types";
import { PhoneNumber } from "./Who";
import style from "./Who.module.css";
import { type CardWords, languageName, useCardWords } from "./words";

interface ShownFact {
  key: string;
  icon: IconName;
  tone?: Tone;
  text: ReactNode;
  strong?: boolean;
}

/** Number, how sure, whether it is vouched for, form of address and language, owner, VIP: one line, in this order. */
export function Facts({ card }: { card: Card }) {
  const words = useCardWords();
  const { lostAt, people } = useSurroundings();
  const slow = useLate(card.pop.match.pending, 2_000);
  if (lostAt !== null && card.phase !== "ended") {
    return (
      <div className={style.facts}>
        <span>{words.suspended}</span>
      </div>
    );
  }
  const owner = card.pop.contact?.owner;
  const facts = [
    ...identityFacts(card.pop, words, slow),
    ...contactFacts(card.pop, words, owner ? people.byLogin(owner) : ""),
  ];
  return (
    <div className={style.facts}>
      {facts.map((fact) => (
        <span key={fact.key} className={fact.strong ? style.number : undefined}>
          <Icon name={fact.icon} tone={fact.tone} />
          <span>{fact.text}</span>
        </span>
      ))}
    </div>
  );
}

function identityFacts(pop: Pop, words: CardWords, slow: boolean): ShownFact[] {
  const { call, contact } = pop;
  if (isHidden(call)) return [{ key: "hidden", icon: "hidden", text: words.hides }];
  if (call.direction === "internal" && contact === null) {
    return [{ key: "inside", icon: "people", text: words.colleague }];
  }
  const number = outsideNumber(call);
  // of a stranger the number is the name already, and that they are not listed stands beside it
  const stranger = contact === null && pop.match.kind === "none" && !pop.match.pending;
  const facts: ShownFact[] = [];
  if (number !== null && !stranger) {
    const text = <PhoneNumber number={number} />;
    facts.push({ key: "number", icon: "phone", text, strong: true });
  }
  if (!stranger) facts.push(sureFact(pop, words, slow));
  const vouched = vouchedFact(pop, words);
  if (vouched !== null) facts.push(vouched);
  if (contact === null && call.direction === "inbound") {
    facts.push({ key: "cnam", icon: "person", text: pbxName(call.caller.name, words) });
  }
  if (isNew(pop)) facts.push({ key: "never", icon: "history", text: words.never });
  return facts;
}

/** How the carrier vouches for the number; that it could not be verified is a cue. */
function vouchedFact(pop: Pop, words: CardWords): ShownFact | null {
  switch (pop.provenance?.attestation) {
    case "full":
      return { key: "vouched", icon: "ok", tone: "ok", text: words.vouched("A") };
    case "passed":
      return { key: "vouched", icon: "ok", tone: "ok", text: words.vouched("") };
    case "partial":
      return { key: "vouched", icon: "info", text: words.vouchedPartly };
    case "gateway":
      return { key: "vouched", icon: "info", text: words.vouchedNot };
    default:
      return null;
  }
}

/** The name that the telephone network sends along; it proves nothing. */
function pbxName(name: string | null, words: CardWords): ReactNode {
  if (!name) return words.pbxNameNone;
  const [start = "", end = ""] = words.pbxName("\u0000").split("\u0000");
  return (
    <>
      {start}
      <Name>{name}</Name>
      {end}
    </>
  );
}

/** Nobody's number, and nothing is known of it: only once the store has answered. */
function isNew(pop: Pop): boolean {
  return (
    pop.match.kind === "none" &&
    pop.contact === null &&
    !pop.match.pending &&
    pop.timeline.length === 0
  );
}

function sureFact(pop: Pop, words: CardWords, slow: boolean): ShownFact {
  if (pop.match.pending) {
    return { key: "sure", icon: "info", text: slow ? words.pendingLong : words.pending };
  }
  switch (pop.match.kind) {
    case "exact":
      // the number is in the directory, but perhaps not the caller's
      return pop.provenance?.attestation === "failed"
        ? { key: "sure", icon: "info", text: words.exact }
        : { key: "sure", icon: "ok", tone: "ok", text: words.exact };
    case "company":
    case "several":
      return { key: "sure", icon: "company", text: words.company };
    default:
      return { key: "sure", icon: "info", text: words.notListed };
  }
}

function contactFacts(pop: Pop, words: CardWords, owner: string): ShownFact[] {
  const { contact } = pop;
  if (contact === null) return [];
  const facts: ShownFact[] = [];
  const address = [addressLanguage(pop, words), addressForm(contact.formality, words)].filter(
    Boolean,
  );
  if (address.length > 0) facts.push({ key: "address", icon: "say", text: together(address) });
  if (owner !== "") {
    const [start = "", end = ""] = words.owner("\u0000").split("\u0000");
    facts.push({
      key: "owner",
      icon: "person",
      text: (
        <>
          {start}
          <Name>{owner}</Name>
          {end}
        </>
      ),
    });
  }
  if (contact.vip) facts.push({ key: "vip", icon: "star", text: words.vip });
  return facts;
}

/** The customer's language is a fact only where it is not the house's: there is a cue then. */
function addressLanguage(pop: Pop, words: CardWords): string {
  const cue = pop.cues.find((one) => one.kind === "language");
  const code = cue?.args.language;
  return typeof code === "string" ? words.speaks(languageName(code)) : "";
}

function addressForm(formality: string | null, words: CardWords): string {
  switch ((formality ?? "").toLowerCase()) {
    case "":
      return "";
    case "formal":
    case "lei":
      return words.formal;
    case "informal":
    case "tu":
      return words.informal;
    default:
      return formality ?? "";
  }
}

/** "English, first name": one phrase. */
function together([one = "", two = ""]: string[]): string {
  return two === "" ? one : `${one}, ${two.charAt(0).toLowerCase()}${two.slice(1)}`;
}
