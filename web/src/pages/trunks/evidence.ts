import type { Link } from "../../api/shapes";
import { clock } from "../../i18n/format";
import type { TrunkWords } from "../../i18n/trunks";
import { isLinkUp, isReached, milliseconds } from "./chain";
import type { Evidence } from "./Diagnosis";
import { atTime } from "./times";
import type { Trunk } from "./types";

const proves = (text: string): Evidence => ({ icon: "ok", tone: "ok", text });
const speaksAgainst = (text: string): Evidence => ({ icon: "close", tone: "risk", text });
const open = (text: string): Evidence => ({ icon: "dash", tone: "dim", text });

/** What is known of a trunk, as sentences: the facts that its state was made of. */
export function evidenceOf(trunk: Trunk, words: TrunkWords, now: number): Evidence[] {
  return [
    ...registrationFacts(trunk, words),
    ...contactFacts(trunk, words),
    ...callFacts(trunk, words, now),
  ];
}

function registrationFacts(trunk: Trunk, words: TrunkWords): Evidence[] {
  const known = trunk.registration;
  if (known === null) return [];
  const { evidence } = words;
  const word = words.registered[known.state];
  const text = known.server
    ? evidence.registration(word, known.server)
    : evidence.registrationPlain(word);
  if (known.state !== "registered") return [speaksAgainst(text)];
  const until = known.expires_at === null ? "" : ` ${evidence.renews(clock(known.expires_at))}`;
  return [proves(text + until)];
}

function contactFacts(trunk: Trunk, { chain, evidence }: TrunkWords): Evidence[] {
  return trunk.contacts.map((one) => {
    const reached = isReached(one);
    if (reached === null) return open(evidence.contact(one.address, chain.notAsked));
    if (!reached) return speaksAgainst(evidence.contact(one.address, chain.noAnswer));
    const answer = one.rtt_ms === null ? chain.answers : chain.answersIn(milliseconds(one.rtt_ms));
    return proves(evidence.contact(one.address, answer));
  });
}

function callFacts(trunk: Trunk, { evidence }: TrunkWords, now: number): Evidence[] {
  const { failure, last_call_at: last } = trunk;
  const said: Evidence[] = [];
  if (failure !== null) {
    const at = atTime(failure.at, now);
    const text =
      failure.code === null ? evidence.failurePlain(at) : evidence.failure(failure.code, at);
    const over =
      trunk.state === "up" || (last !== null && Date.parse(last) > Date.parse(failure.at));
    said.push(over ? open(text) : speaksAgainst(text));
  }
  said.push(last === null ? open(evidence.noCall) : proves(evidence.lastCall(atTime(last, now))));
  return said;
}

/** What is missing while a trunk is not well; nothing while it is. */
export function costOf(
  trunk: Trunk,
  link: Link | undefined,
  others: readonly Trunk[],
  { cost }: TrunkWords,
): Evidence[] {
  const works = others.filter((one) => one.state === "up").map((one) => one.name);
  const rest =
    works.length > 0 ? proves(cost.others(works.slice(0, 5).join(", "))) : open(cost.alone);
  if (trunk.kind === "asterisk" && link !== undefined && !isLinkUp(link)) {
    return [open(cost.blind), proves(cost.back)];
  }
  if (trunk.state === "down") {
    return [speaksAgainst(cost.inbound), speaksAgainst(cost.outbound), rest, proves(cost.inside)];
  }
  if (trunk.alarms.some((one) => one.kind === "silent")) return [open(cost.silent), rest];
  if (trunk.state === "degraded" || trunk.alarms.some((one) => one.kind === "flapping")) {
    return [open(cost.perhaps), rest];
  }
  return [];
}

/** When it is tried again without anybody's help. */
export function retryOf(trunk: Trunk, { retries }: TrunkWords): string | null {
  if (trunk.registration !== null && trunk.registration.state !== "registered") {
    return retries[trunk.kind];
  }
  const lost = trunk.contacts.some((one) => isReached(one) === false);
  return lost ? retries.contact : null;
}
