/** To whom a call may be handed over: suggested colleagues first, each with the reason. */

import { span } from "../i18n/format";
import type { Agent, Pop, Queue } from "./types";
import type { CardWords } from "./words";

export type Standing = "free" | "busy" | "away";

export interface Target {
  readonly key: string;
  readonly kind: "person" | "queue" | "number";
  readonly name: string;
  /** What is dialled. */
  readonly to: string;
  readonly standing: Standing;
  readonly state: string;
  readonly why: string;
  /** Knows the customer and is free: chosen until a person chooses otherwise. */
  readonly suggested: boolean;
}

type Phone = Agent["extensions"][number];

/** So many are listed; who is meant beyond is found by writing. */
const LISTED = 4;

/** Whom to offer for what is written in the field; those who know the customer come first. */
export function targets(
  pop: Pop,
  agents: readonly Agent[],
  queues: readonly Queue[],
  own: string,
  wanted: string,
  words: CardWords,
  now: number,
): Target[] {
  const people = agents
    .filter((agent) => agent.login !== own)
    .flatMap((agent) => personTarget(agent, pop, words));
  people.sort((a, b) => b.weight - a.weight || a.target.name.localeCompare(b.target.name));
  const found = [
    ...people.map((one) => one.target),
    ...queues.filter(isDialled).map((queue) => queueTarget(queue, words, now)),
  ];
  const text = wanted.trim().toLocaleLowerCase();
  if (text === "") {
    const queued = found.filter((one) => one.kind === "queue").slice(0, 1);
    const near = found.filter((one) => one.kind === "person" && one.why !== "");
    return [...near.slice(0, LISTED - queued.length), ...queued];
  }
  const matching = found.filter(
    (one) => one.name.toLocaleLowerCase().includes(text) || one.to.startsWith(text),
  );
  return [...matching.slice(0, LISTED), ...typedNumber(wanted, matching, words)];
}

function typedNumber(wanted: string, found: readonly Target[], words: CardWords): Target[] {
  const digits = wanted.replace(/[\s./-]/gu, "");
  if (!/^\+?[0-9*#]{2,}$/u.test(digits) || found.some((one) => one.to === digits)) return [];
  const name = words.transferNumber(wanted.trim());
  return [
    {
      key: `number:${digits}`,
      kind: "number",
      name,
      to: digits,
      standing: "free",
      state: "",
      why: words.transferOutside,
      suggested: false,
    },
  ];
}

function personTarget(
  agent: Agent,
  pop: Pop,
  words: CardWords,
): { target: Target; weight: number }[] {
  const phone = bestPhone(agent.extensions);
  if (phone === undefined) return [];
  const standing = standingOf(phone);
  const [why, known] = reason(agent, pop, words, standing);
  const target: Target = {
    key: `person:${agent.login}`,
    kind: "person",
    name: agent.name,
    to: phone.extension,
    standing,
    state: stateWords(phone, words),
    why,
    suggested: known > 0 && standing === "free",
  };
  return [{ target, weight: known + { free: 2, busy: 1, away: 0 }[standing] }];
}

function reason(agent: Agent, pop: Pop, words: CardWords, standing: Standing): [string, number] {
  const colleague = pop.colleagues.find((one) => one.login === agent.login);
  if (colleague?.why === "talking") return [words.why_talking, 10];
  if (colleague?.why === "promised") return [words.why_promised, 10];
  if (colleague?.why === "claimed") return [words.why_claimed, 10];
  if (pop.handoff?.by === agent.login) return [words.why_handoff, 8];
  const owner = pop.contact?.owner;
  if (owner && (owner === agent.login || owner === agent.name)) return [words.why_owner, 9];
  return [standing === "free" ? words.why_free : "", 0];
}

/** The phone to dial: one that is free before one that is not. */
function bestPhone(phones: readonly Phone[]): Phone | undefined {
  const order: Standing[] = ["free", "busy", "away"];
  return [...phones].sort((a, b) => order.indexOf(standingOf(a)) - order.indexOf(standingOf(b)))[0];
}

export function standingOf(phone: Phone): Standing {
  if (phone.registered === false) return "away";
  const paused = (phone.queues ?? []).some((one) => one.paused);
  switch (phone.state) {
    case "idle":
      return paused ? "away" : "free";
    case "in_use":
    case "busy":
    case "ringing":
    case "ringing_in_use":
    case "on_hold":
      return "busy";
    default:
      return "away";
  }
}

export function stateWords(phone: Phone, words: CardWords): string {
  if (phone.registered === false) return words.phone_unavailable;
  const paused = (phone.queues ?? []).some((one) => one.paused);
  if (phone.state === "idle" && paused) return words.phone_paused;
  return words[`phone_${phone.state ?? "unknown"}`];
}

/** A queue can be handed a call only where its name is a number that a phone can dial. */
function isDialled(queue: Queue): boolean {
  return /^[0-9*#]+$/u.test(queue.queue);
}

function queueTarget(queue: Queue, words: CardWords, now: number): Target {
  const free = queue.members.filter(
    (one) => !one.paused && !one.in_call && one.state === "idle",
  ).length;
  const first = queue.waiting[0];
  const since = first === undefined ? "" : span(now - Date.parse(first.since));
  return {
    key: `queue:${queue.pbx}:${queue.queue}`,
    kind: "queue",
    name: queue.queue,
    to: queue.queue,
    standing: free > 0 ? "free" : "busy",
    state: words.queueFree(free),
    why: queue.waiting.length === 0 ? "" : words.queueWaiting(queue.waiting.length, since),
    suggested: false,
  };
}
