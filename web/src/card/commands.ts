/** What a card asks of the daemon. Each answers null when it is done, else why not, in words. */

import { get, newKey, patch, post, put } from "../api/client";
import { ApiProblem } from "../api/problem";
import type { components } from "../api/schema";
import type { HandoffBody } from "./drafts";
import type { DirectoryEntry, Promise_ } from "./types";
import { cardWords } from "./words";

type Schemas = components["schemas"];

export type Failure = string | null;
export type CallCommand = "hangup" | "decline" | "hold" | "unhold" | "park";
export type TransferKind = "attended" | "blind" | "cancel";
export type PromiseBody = Schemas["PromiseBody"];
export type ContactBody = Schemas["gateway__web__shapes__contacts__ContactBody"];

export interface Commands {
  phone(callId: string, command: CallCommand, extension: string): Promise<Failure>;
  transfer(
    callId: string,
    kind: TransferKind,
    to: string | null,
    handoff: HandoffBody | null,
  ): Promise<Failure>;
  wrapUp(callId: string, note: string, disposition: string | null): Promise<Failure>;
  apologised(callId: string): Promise<Failure>;
  handOff(callId: string, body: HandoffBody): Promise<Failure>;
  choose(
    callId: string,
    number: string | null,
    contact: string,
    remember: boolean,
  ): Promise<Failure>;
  promise(body: PromiseBody): Promise<Failure | { made: Promise_ }>;
  withdraw(promiseId: string): Promise<Failure>;
  newContact(body: ContactBody): Promise<Failure | { id: string }>;
  createInCrm(callId: string, crm: string): Promise<Failure>;
  retry(effectId: string): Promise<Failure>;
  dial(number: string): Promise<Failure>;
  search(text: string, signal: AbortSignal): Promise<DirectoryEntry[]>;
  /** When an agent's team is there again if it is not at that time; null: it is, or nobody knows. */
  opening(at: Date, agent: string, signal: AbortSignal): Promise<string | null>;
}

/** Why it failed, for a person: the daemon's own words where it gave any. */
export function failureWords(error: unknown): string {
  const words = cardWords();
  if (error instanceof ApiProblem) return error.detail || error.title || words.refused;
  return words.unreachable;
}

async function done(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
    return null;
  } catch (error) {
    return failureWords(error);
  }
}

async function made<Value>(work: Promise<Value>): Promise<Failure | Value> {
  try {
    return await work;
  } catch (error) {
    return failureWords(error);
  }
}

export const commands: Commands = {
  phone: (id, command, extension) =>
    done(
      post(`/api/v1/calls/{id}/${command}`, {
        path: { id },
        body: { extension: extension || null },
      }),
    ),
  transfer: (id, type, to, handoff) =>
    done(
      post("/api/v1/calls/{id}/transfer", {
        path: { id },
        body: { type, to, handoff },
        idempotencyKey: newKey(),
      }),
    ),
  wrapUp: (id, note, disposition) =>
    done(
      post("/api/v1/calls/{id}/wrap-up", {
        path: { id },
        body: { note: note.trim() || null, disposition },
      }),
    ),
  apologised: (id) =>
    done(post("/api/v1/calls/{id}/done", { path: { id }, body: { kind: "apologise" } })),
  handOff: (id, body) => done(put("/api/v1/calls/{id}/handoff", { path: { id }, body })),
  choose: (call, number, contact, remember) => done(choose(call, number, contact, remember)),
  promise: (body) =>
    made(
      post("/api/v1/promises", { body, idempotencyKey: newKey() }).then((one) => ({ made: one })),
    ),
  withdraw: (id) =>
    done(patch("/api/v1/promises/{id}", { path: { id }, body: { state: "withdrawn" } })),
  newContact: (body) => made(post("/api/v1/contacts", { body }).then((one) => ({ id: one.id }))),
  createInCrm: (id, crm) =>
    done(post("/api/v1/calls/{id}/contact", { path: { id }, body: { crm } })),
  retry: (id) => done(post("/api/v1/outbox/{id}/retry", { path: { id } })),
  dial: (to) => done(post("/api/v1/calls", { body: { to }, idempotencyKey: newKey() })),
  search: async (q, signal) => {
    const found = await get("/api/v1/contacts", { query: { q, limit: 6 }, signal });
    return found.items;
  },
  opening: async (at, agent, signal) => {
    const query = { at: at.toISOString(), agent };
    const found = await get("/api/v1/hours", { query, signal });
    return found.open ? null : found.opens_at;
  },
};

/** A remembered choice is the number's; one that is not, or has no number, is this call's alone. */
async function choose(
  call: string,
  number: string | null,
  contact: string,
  remember: boolean,
): Promise<void> {
  if (number !== null && remember)
    await post("/api/v1/match/choice", { body: { number, contact, call } });
  else await put("/api/v1/calls/{id}/contact", { path: { id: call }, body: { contact } });
}
