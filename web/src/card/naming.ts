/** What a call and the people in it are called. */

import { phone } from "../i18n/format";
import type { CallRecord, Card, Contact, Pop } from "./types";
import type { CardWords } from "./words";

export interface Naming {
  readonly name: string;
  /** What stands behind the name: the company, or how many share the number. */
  readonly beside: string | null;
  /** The name is a number: it is written in figures. */
  readonly isNumber: boolean;
}

/** Names of people and phones, as the page knows them. */
export interface People {
  readonly byLogin: (login: string | null) => string;
  readonly byExtension: (extension: string | null) => string;
}

/** A caller from outside who does not show the number. */
export function isHidden(call: CallRecord): boolean {
  return call.direction === "inbound" && call.caller.presentation === "withheld";
}

/** The number of the other side: international where it can be read, else as it came. */
export function outsideNumber(call: CallRecord): string | null {
  if (isHidden(call)) return null;
  const party = call.direction === "inbound" ? call.caller : call.called;
  return party.e164 ?? party.number;
}

export function contactName(contact: Contact): string | null {
  return contact.name ?? contact.company;
}

/** Who the card is about, in the order of what is known. */
export function naming(pop: Pop, words: CardWords, people: People): Naming {
  const { call, contact } = pop;
  if (contact !== null) {
    const name = contactName(contact);
    if (name !== null) return plain(name, contact.name === null ? null : contact.company);
  }
  if (call.contact?.name) return plain(call.contact.name, null);
  if (isHidden(call)) return plain(words.withheld, null);
  if (call.direction === "internal") {
    const name = people.byExtension(call.caller.number);
    return plain(name || words.someone, call.caller.number && words.internal(call.caller.number));
  }
  const number = outsideNumber(call);
  const shown = number === null ? words.someone : phone(number);
  if (pop.candidates.length > 1) {
    const company = sharedCompany(pop.candidates);
    const beside = words.several(pop.candidates.length);
    return company === null ? { name: shown, beside, isNumber: true } : plain(company, beside);
  }
  const listed = pop.match.kind !== "none" || pop.match.pending;
  return { name: shown, beside: listed ? null : lower(words.notListed), isNumber: number !== null };
}

function plain(name: string, beside: string | null): Naming {
  return { name, beside, isNumber: false };
}

/** The company that all who share a number belong to; null if they do not. */
function sharedCompany(candidates: readonly Contact[]): string | null {
  const companies = new Set(
    candidates.map((one) => one.company ?? (one.kind === "company" ? one.name : null)),
  );
  const [only] = companies;
  return companies.size === 1 ? (only ?? null) : null;
}

/** Name and company in one breath, for announcements, titles and lists. */
export function fullName(pop: Pop, words: CardWords, people: People): string {
  const { name, beside } = naming(pop, words, people);
  return pop.contact !== null && beside !== null ? `${name}, ${beside}` : name;
}

export function cardName(card: Card, words: CardWords, people: People): string {
  return naming(card.pop, words, people).name;
}

/** An address that may be opened: the web's own, nothing that runs. */
export function safeUrl(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** What a CRM is called: the label the daemon gives, else its name with a capital. */
export function crmLabel(name: string | null, labels: ReadonlyMap<string, string>): string {
  if (name === null || name === "") return "CRM";
  return labels.get(name) ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function lower(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
