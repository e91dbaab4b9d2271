/** Pops that the gallery is drawn from: a story of made-up customers. */

import { popOf } from "../restoring";
import type { Pop } from "../types";
import { ago, record } from "./calls";
import { contact, cue, MARTA, promised, TIMELINE } from "./customers";

export function pop(part: Partial<Pop>): Pop {
  const call = part.call ?? record({});
  return {
    ...popOf(call),
    pop_id: `pop-${call.id}`,
    extension: "1002",
    waiting_since: ago(48),
    actions: ["decline"],
    ...part,
  };
}

export const first = (part: Partial<Pop["first"]>): Pop["first"] => ({
  kind: "nothing",
  cause: null,
  title: "",
  sentence: null,
  language: null,
  remedy: null,
  done: null,
  ...part,
});

const SORRY = first({
  kind: "apologise",
  cause: "promise_broken",
  title: "A rischio. Prima cosa: scusarsi",
  sentence: "Ci scusi: dovevamo richiamarla e non l’abbiamo fatto. Me ne occupo io adesso.",
  language: "it",
  remedy: "storno fino a 120 €",
});

export const atRisk = pop({ ...MARTA, first: SORRY });

/** A number in the directory that the carrier could not verify, sent on by another phone. */
export const spoofed = pop({
  contact: atRisk.contact,
  match: atRisk.match,
  cues: [cue("spoofed", "warn", "verification_failed")],
  provenance: { attestation: "failed", diverted_from: null },
});

/** At t = 0: who it is and the flag word, nothing else yet. */
export const atOnce = pop({
  contact: contact({ owner: null }),
  match: atRisk.match,
  first: first({
    kind: "listen",
    cause: "at_risk",
    sentence: "Mi racconti, la ascolto.",
    language: "it",
  }),
  cues: [cue("at_risk", "risk", "marked_in_directory")],
});

export const talking = pop({
  ...MARTA,
  call: record({
    answered_by: "1002",
    final_talker: "1002",
    answered_at: ago(134),
    started_at: ago(188),
    recordings: [{ url: "https://pbx.example/1.wav", from: null }],
    seconds: { ring: 6, wait: 54, talk: null, hold: null, ivr: null },
  }),
  first: first({ done: { kind: "apologise", by: "anna", at: ago(60) } }),
  actions: ["hangup", "hold", "transfer", "consult", "park"],
});

export const ended = pop({
  ...MARTA,
  call: record({
    state: "ended",
    answered_by: "1002",
    outcome: "answered",
    ended_by: "caller",
    ended_at: ago(2),
    answered_at: ago(400),
    seconds: { ring: 6, wait: 54, talk: 398, hold: 0, ivr: null },
  }),
  actions: [],
});

export const known = pop({
  contact: contact({
    id: "c-paolo",
    name: "Paolo Derossi",
    company: "Derossi Serramenti",
    at_risk: false,
    formality: "informal",
    owner: "anna",
  }),
  match: { kind: "exact", steps: [], why: [], reasons: [], pending: false },
  first: first({
    kind: "promise",
    cause: "promise_due",
    sentence: "Ciao, stavamo per richiamarti, come promesso.",
    language: "it",
  }),
  cues: [
    cue("promise_due", "warn", "promised_for", {
      due_at: ago(-360),
      by: "anna",
      text: "Preventivo serramenti",
    }),
  ],
  open: [
    promised({
      id: "p-2",
      text: "Preventivo serramenti",
      state: "open",
      due_at: ago(-360),
      by: "anna",
      at: ago(86_400),
    }),
  ],
  timeline: TIMELINE.slice(3),
  call: record({
    id: "0198c0de-0000-7000-8000-000000000002",
    caller: { number: "3331234533", e164: "+393331234533", name: null, presentation: "allowed" },
  }),
});

export const handedOver = pop({
  extension: "1005",
  call: record({
    started_at: ago(462),
    rung: [["1002"], ["1005"]],
    caller: { number: "3331234521", e164: "+393331234521", name: null, presentation: "allowed" },
    transfers: [{ type: "blind", from: "1010", to: "1002", completed: true, at: ago(300) }],
  }),
  contact: contact({
    id: "c-eleanor",
    name: "Eleanor Whitcombe",
    company: "Brightwater Lodges",
    language: "en",
    formality: "informal",
    vip: true,
    at_risk: false,
    owner: null,
  }),
  match: atRisk.match,
  first: first({
    kind: "handoff",
    cause: "note",
    title: "Card payments fail since 9:00, three guests could not book",
    sentence: "Hello, I know what this is about: you need not repeat anything.",
    language: "en",
  }),
  handoff: {
    call_id: "0198c0de-0000-7000-8000-000000000009",
    by: "anna",
    extension: "1002",
    at: ago(180),
    reason: "Card payments fail since 9:00, three guests could not book",
    done: "page restarted; test card refused, code 05.",
    wants: "bookings working before noon, and one name to call.",
    note: "Since 9:00 every card is refused, code 05. Three guests lost. Page restarted, no change. Needs it before noon.",
    said: ["Booking code", "Test card tried"],
    verified: { by: "anna", at: ago(170) },
    no: 1,
  },
  cues: [
    cue("bounced", "warn", "handed_over_in_call", { times: 2 }),
    cue("not_answered", "warn", "nobody_answered", { at: ago(7_400), waited_s: null, attempts: 1 }),
    cue("vip", "plain", "marked_in_directory"),
    cue("language", "plain", "marked_in_directory", { language: "en" }),
  ],
  said: [
    { kind: "identity_verified", text: null, by: "anna", at: ago(170) },
    { kind: "told", text: "Booking code", by: "anna", at: ago(170) },
    { kind: "told", text: "Test card tried", by: "anna", at: ago(170) },
  ],
  timeline: TIMELINE.slice(2),
  colleagues: [{ login: "marco", extension: "1007", why: "claimed", call_id: null }],
});

const HOSTILE = `<img src=x onerror=alert(1)> \u202e\u05e9\u05dc\u05d5\u05dd \u{1F480}${"Z\u0351\u036b\u0343".repeat(30)} ${"Nome ".repeat(700)}`;

export const hostile = pop({
  ...MARTA,
  contact: contact({ name: HOSTILE, company: HOSTILE, owner: HOSTILE }),
  first: first({ ...SORRY, kind: "handoff", title: HOSTILE }),
  handoff: {
    ...(handedOver.handoff ?? {}),
    reason: HOSTILE,
    done: HOSTILE,
    wants: HOSTILE,
    note: HOSTILE,
  } as Pop["handoff"],
  said: [{ kind: "told", text: HOSTILE, by: "luca", at: ago(100) }],
  open: [promised({ text: HOSTILE })],
  call: record({ queue: HOSTILE }),
});
