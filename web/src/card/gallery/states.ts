/** Every state of a card that DESK knows, by name; a script compares where their parts stand. */

import type { Card, Effect, Phase, Pop } from "../types";
import type { Panel } from "../Work";
import { ago, NOW } from "./calls";
import * as pops from "./pops";
import * as strangers from "./strangers";

export interface Shown {
  readonly card: Card;
  readonly open: boolean;
  readonly panel?: Panel;
  readonly note?: string;
  readonly disposition?: string;
  readonly receipts?: readonly Effect[];
  readonly silent?: string;
  readonly afterCall?: boolean;
}

export interface State {
  readonly shown: readonly Shown[];
  readonly lost?: boolean;
}

function card(pop: Pop, phase: Phase, seconds: number, part: Partial<Card> = {}): Card {
  return {
    callId: pop.call_id,
    pop,
    phase,
    pops: {},
    since: NOW - seconds * 1_000,
    heldSince: null,
    showAt: 0,
    leaveAt: null,
    reason: null,
    ...part,
  };
}

const whole = (pop: Pop, phase: Phase, seconds: number, part: Partial<Shown> = {}): Shown => ({
  card: card(pop, phase, seconds),
  open: true,
  ...part,
});

const NOTE =
  "Conferma i due addebiti del 3 e del 4/11, 214,00 € ciascuno. Vuole lo storno oggi, non una nota di credito.\nChiede una sola persona che la segua.";

function effect(part: Partial<Effect>): Effect {
  return {
    id: crypto.randomUUID(),
    call_id: pops.ended.call_id,
    connector: "odoo",
    kind: "call.ended",
    state: "delivered",
    attempts: 1,
    ambiguous: false,
    cause: null,
    occurred_at: ago(2),
    due_at: null,
    last_attempt_at: ago(1),
    settled_at: ago(1),
    receipt: { external_id: "77", url: "https://odoo.example/web#id=77" },
    ...part,
  };
}

const RECEIPTS = [
  effect({}),
  effect({ state: "pending", attempts: 2, receipt: null, settled_at: null, cause: "timeout" }),
];

const call = (n: number, pop: Pop): Pop => {
  const id = `0198c0de-0000-7000-8000-00000000010${String(n)}`;
  return { ...pop, call_id: id, call: { ...pop.call, id } };
};

const gone = (reason: Card["reason"], pop: Pop): State => ({
  shown: [{ card: card(pop, "gone", 1, { reason }), open: false }],
});

export const STATES: Readonly<Record<string, State>> = {
  "at-once": { shown: [whole(pops.atOnce, "ring", 0)] },
  "ringing-known": { shown: [whole(pops.known, "ring", 6)] },
  "ringing-at-risk": { shown: [whole(pops.atRisk, "ring", 6)] },
  ambiguous: { shown: [whole(strangers.ambiguous, "ring", 4)] },
  unknown: { shown: [whole(strangers.unknown, "ring", 3)] },
  withheld: { shown: [whole(strangers.withheld, "ring", 2)] },
  "handed-over": { shown: [whole(pops.handedOver, "ring", 3)] },
  "in-call": { shown: [whole(pops.talking, "talk", 134, { note: NOTE })] },
  held: {
    shown: [
      {
        ...whole(pops.talking, "talk", 134),
        card: card(pops.talking, "talk", 134, { heldSince: NOW - 41_000 }),
      },
    ],
  },
  transfer: { shown: [whole(pops.talking, "talk", 134, { note: NOTE, panel: "transfer" })] },
  "new-contact": { shown: [whole(strangers.unknown, "ring", 3, { panel: "contact" })] },
  link: { shown: [whole(strangers.withheld, "talk", 12, { panel: "link" })] },
  outcome: {
    shown: [
      whole(pops.ended, "ended", 29, {
        note: NOTE,
        disposition: "Da seguire",
        receipts: RECEIPTS,
        afterCall: true,
      }),
    ],
  },
  "outcome-silent": { shown: [whole(pops.ended, "ended", 29, { silent: "Odoo" })] },
  disconnected: { shown: [whole(pops.talking, "talk", 134, { note: NOTE })], lost: true },
  hostile: { shown: [whole(pops.hostile, "ring", 5)] },
  "two-calls": {
    shown: [
      { card: card(call(1, pops.talking), "talk", 200, { heldSince: NOW - 41_000 }), open: false },
      whole(call(2, pops.known), "ring", 2),
    ],
  },
  "five-calls": {
    shown: [
      { card: card(call(1, pops.ended), "ended", 90), open: false },
      { card: card(call(2, pops.talking), "talk", 200, { heldSince: NOW - 41_000 }), open: false },
      whole(call(3, pops.atRisk), "ring", 6),
      { card: card(call(4, strangers.unknown), "ring", 4), open: false },
      { card: card(call(5, pops.hostile), "ring", 2), open: false },
    ],
  },
  "answered-elsewhere": gone("answered_elsewhere", {
    ...pops.atRisk,
    call: { ...pops.atRisk.call, answered_by: "1005" },
  }),
  "caller-gave-up": gone("caller_left", {
    ...pops.atRisk,
    call: { ...pops.atRisk.call, started_at: ago(32), ended_at: ago(1) },
  }),
  "gone-with-note": {
    shown: [
      {
        card: card(pops.atRisk, "gone", 1, { reason: "answered_elsewhere" }),
        open: false,
        note: NOTE,
      },
    ],
  },
  saved: {
    shown: [
      {
        card: card(pops.ended, "gone", 1, { reason: "saved" }),
        open: false,
        receipts: RECEIPTS.slice(0, 1),
      },
    ],
  },
};

/** Of these the parts must stand at the same places: one whole card that fills the page. */
export const WHOLE_STATES = Object.entries(STATES)
  .filter(([, state]) => state.shown.length === 1 && state.shown[0]?.open === true)
  .map(([name]) => name);
