/** The one band of a card: what to do or say first, as the daemon decided it, in the page's words. */

import { clock } from "../i18n/format";
import type { IconName } from "../ui/icons";
import { isHidden, type People } from "./naming";
import type { Card, Pop } from "./types";
import type { CardWords } from "./words";

export type Variant = "bad" | "note" | "care" | "plain";

export interface Band {
  readonly variant: Variant;
  readonly icon: IconName;
  /** A settled thing has its icon in green. */
  readonly settled: boolean;
  /** Words of ours before somebody else's words: "Nota di Anna: ". */
  readonly lead: string;
  readonly title: string;
  readonly done: string | null;
  readonly wants: string | null;
  readonly text: string | null;
  /** To be said to the customer, in their language. */
  readonly sentence: string | null;
  readonly language: string | null;
  /** What introduces the sentence where it does not stand by itself. */
  readonly sentenceLead: string | null;
  readonly remedy: string | null;
  /** An apology is to be ticked off. */
  readonly tick: boolean;
  readonly verified: { readonly by: string | null; readonly at: string } | null;
}

const PLAIN: Band = {
  variant: "plain",
  icon: "ok",
  settled: false,
  lead: "",
  title: "",
  done: null,
  wants: null,
  text: null,
  sentence: null,
  language: null,
  sentenceLead: null,
  remedy: null,
  tick: false,
  verified: null,
};

/** How much a band weighs: a heavier one that comes late is announced. */
export const WEIGHT: Record<Variant, number> = { plain: 0, care: 1, note: 2, bad: 3 };

export function band(card: Card, words: CardWords, people: People): Band {
  const { pop } = card;
  if (card.phase === "ended") {
    return { ...PLAIN, title: words.firstOutcome, text: words.firstOutcomeText, settled: true };
  }
  const { first } = pop;
  const said = {
    sentence: first.sentence,
    language: first.language,
    remedy: first.remedy,
  };
  switch (first.kind) {
    case "apologise":
      return {
        ...PLAIN,
        ...said,
        variant: "bad",
        icon: "risk",
        title: risky(pop, words) + words.firstApologise,
        tick: true,
      };
    case "listen":
      return listen(pop, words, said);
    case "handoff":
      return handoff(pop, words, people);
    case "promise":
      return promise(pop, words, people, said);
    case "who":
      return {
        ...PLAIN,
        ...said,
        variant: "note",
        icon: "people",
        title: words.firstWho,
        text: pop.match.kind === "company" ? words.firstCompanyText : words.firstWhoText,
      };
    default:
      return quiet(pop, words);
  }
}

function risky(pop: Pop, words: CardWords): string {
  return pop.cues.some((cue) => cue.kind === "at_risk") ? words.atRiskDot : "";
}

/** A customer at risk is listened to; once the apology is made, that is said and nothing shouts. */
function listen(pop: Pop, words: CardWords, said: Partial<Band>): Band {
  const done = pop.first.done;
  if (done !== null) {
    const title = `${words.apologisedAt(clock(done.at))}. ${words.nowListen}`;
    return { ...PLAIN, ...said, title, settled: true };
  }
  const title = risky(pop, words) + words.firstListen;
  return { ...PLAIN, ...said, variant: "bad", icon: "risk", title, text: words.firstRiskText };
}

function promise(pop: Pop, words: CardWords, people: People, said: Partial<Band>): Band {
  const due = pop.open.find((item) => item.kind === "promise");
  const lead = due?.text ? `${words.firstPromise}: ` : "";
  const by = due?.by ? people.byLogin(due.by) : "";
  const text = due?.due_at
    ? [words.promisedUntil(clock(due.due_at)), by].filter(Boolean).join(", ")
    : null;
  return {
    ...PLAIN,
    ...said,
    variant: "care",
    icon: "flag",
    lead,
    title: due?.text ?? words.firstPromise,
    text,
  };
}

function handoff(pop: Pop, words: CardWords, people: People): Band {
  const { first, handoff: left } = pop;
  const apology = first.cause !== "note";
  const who = left?.by ? words.noteOf(shortName(people.byLogin(left.by))) : words.noteOfMenu;
  return {
    ...PLAIN,
    variant: "note",
    icon: "move",
    lead: left?.reason ? who : "",
    title: left?.reason ?? words.firstHandoff,
    done: left?.done ?? null,
    wants: left?.wants ?? null,
    sentence: first.sentence,
    language: first.language,
    sentenceLead: apology ? words.apologyDue : words.toOpen,
    remedy: first.remedy,
    tick: apology,
    verified: left?.verified ?? null,
  };
}

/** What is not heavy: an apology made, who to ask for, a VIP, or that there is nothing. */
function quiet(pop: Pop, words: CardWords): Band {
  const { first } = pop;
  const said = { sentence: first.sentence, language: first.language, remedy: first.remedy };
  if (first.done !== null) {
    const title = words.apologisedAt(clock(first.done.at));
    return { ...PLAIN, ...said, title, text: words.apologisedText, settled: true };
  }
  if (isHidden(pop.call) && pop.contact === null) {
    return {
      ...PLAIN,
      ...said,
      icon: "hidden",
      title: words.firstHidden,
      text: words.firstHiddenText,
    };
  }
  const outside = pop.call.direction !== "internal";
  if (pop.match.kind === "none" && pop.contact === null && outside && !pop.match.pending) {
    return {
      ...PLAIN,
      ...said,
      icon: "person",
      title: words.firstUnknown,
      text: words.firstUnknownText,
    };
  }
  if (first.kind === "vip") {
    return { ...PLAIN, ...said, icon: "star", title: words.firstVip, text: words.firstVipText };
  }
  return {
    ...PLAIN,
    ...said,
    title: words.firstNothing,
    text: first.sentence ? null : words.firstNothingText,
  };
}

/** "Anna" of "Anna Moretti": how a colleague is spoken of inside a sentence. */
export function shortName(name: string): string {
  return name.split(/\s+/u)[0] ?? name;
}

/** The band as one sentence, for announcements. */
export function spoken(shown: Band): string {
  const title = `${shown.lead}${shown.title}`;
  return /[.!?…]$/u.test(title) ? title : `${title}.`;
}
