/** Pops that the gallery is drawn from: a story of made-up customers at 11:24 on a Thursday. */

import { popOf } from "../restoring";
import type { CallRecord, Contact, Cue, OpenItem, PastItem, Pop } from "../types";

/** The gallery's present, in milliseconds. */
export const NOW = Date.parse("2026-11-19T10:24:06Z");

export const ago = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();

export function record(part: Partial<CallRecord>): CallRecord {
  return {
    version: 1,
    id: "0198c0de-0000-7000-8000-000000000001",
    pbx: "hq",
    linkedid: "1763547846.1",
    direction: "inbound",
    state: "live",
    end: null,
    complete: true,
    revision: 3,
    merged_into: null,
    sources: [],
    caller: { number: "3331234567", e164: "+393331234567", name: null, presentation: "allowed" },
    called: { number: "0299992001", e164: "+390299992001" },
    trunk: "carrier",
    line: "Assistenza",
    queue: "Assistenza",
    ivr: [],
    rung: [["1002"]],
    answered_by: null,
    final_talker: null,
    transfers: [],
    outcome: null,
    ended_by: null,
    started_at: ago(54),
    answered_at: null,
    ended_at: null,
    seconds: { ring: null, wait: null, talk: null, hold: null, ivr: null },
    contact: null,
    recordings: [],
    wrap_ups: [],
    ...part,
  };
}

export function contact(part: Partial<Contact>): Contact {
  return {
    id: "c-marta",
    ref: "res.partner:41",
    kind: "person",
    name: "Marta Bellandi",
    company: "Officine Quercetta",
    email: null,
    language: "it",
    formality: "formal",
    owner: "luca",
    tags: [],
    vip: false,
    at_risk: true,
    crm: "odoo",
    url: "https://odoo.example/web#id=41",
    ...part,
  };
}

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

export const cue = (
  kind: string,
  severity: Cue["severity"],
  reason: string,
  args: Cue["args"] = {},
): Cue => ({ kind, severity, reason, args });

export const promised = (part: Partial<OpenItem>): OpenItem => ({
  kind: "promise",
  id: "p-1",
  text: "Richiamare per lo storno della fattura 2214",
  state: "broken",
  at: ago(2 * 86_400),
  due_at: ago(19.4 * 3_600),
  by: "luca",
  attempts: null,
  longest_wait_s: null,
  ...part,
});

export const missed = (part: Partial<OpenItem>): OpenItem => ({
  kind: "missed",
  id: "m-1",
  text: null,
  state: "abandoned",
  at: ago(1_326),
  due_at: null,
  by: null,
  attempts: 2,
  longest_wait_s: 250,
  ...part,
});

export function past(part: Partial<PastItem>): PastItem {
  return {
    kind: "call",
    id: crypto.randomUUID(),
    at: ago(1_326),
    channel: "call",
    direction: "inbound",
    who: [],
    live: false,
    missed: false,
    outcome: "answered",
    queue: "Assistenza",
    line: "Assistenza",
    wait_s: null,
    talk_s: null,
    subject: null,
    text: null,
    url: null,
    wrap_ups: [],
    promise: null,
    ...part,
  };
}

const luca = { extension: "1005", logins: ["luca"] };
const sara = { extension: "1001", logins: ["sara"] };

export const TIMELINE: PastItem[] = [
  past({ missed: true, outcome: "abandoned", wait_s: 250 }),
  past({
    kind: "promise",
    at: ago(19.4 * 3_600),
    who: [luca],
    text: "Richiamare per lo storno",
    promise: {
      id: "0198c0de-0000-7000-8000-0000000000aa",
      contact_id: "c-marta",
      number: null,
      text: "Richiamare per lo storno",
      due_at: ago(19.4 * 3_600),
      assignee: "luca",
      made_by: "luca",
      made_at: ago(2 * 86_400),
      call_id: null,
      state: "broken",
      to_do: true,
      settled_at: null,
      settled_by: null,
    },
  }),
  past({
    at: ago(49.7 * 3_600),
    who: [luca],
    talk_s: 391,
    wrap_ups: [
      {
        agent: "luca",
        disposition: "Da seguire",
        note: "Addebito doppio confermato. Chiamo io entro mercoledì alle 16.",
        at: ago(49 * 3_600),
      },
    ],
  }),
  past({
    kind: "interaction",
    channel: "mail",
    at: ago(65 * 3_600),
    who: [sara],
    outcome: null,
    queue: null,
    subject: "Estratto conto con i due addebiti",
  }),
];

export const RISK_CUES: Cue[] = [
  cue("several_calls", "risk", "called_within", { calls: 3, days: 3 }),
  cue("promise_broken", "risk", "promised_for", {
    due_at: ago(19.4 * 3_600),
    by: "luca",
    text: "Storno",
  }),
  cue("gave_up", "warn", "waited_and_hung_up", { at: ago(1_326), waited_s: 250, attempts: 1 }),
  cue("at_risk", "risk", "marked_in_directory"),
  cue("form_of_address", "plain", "marked_in_directory", { form: "formal" }),
];

const MARTA: Partial<Pop> = {
  contact: contact({}),
  match: { kind: "exact", steps: [], why: [], reasons: [], pending: false },
  cues: RISK_CUES,
  open: [promised({}), missed({})],
  said: [
    { kind: "identity_verified", text: null, by: "luca", at: ago(49 * 3_600) },
    { kind: "told", text: "Estratto conto inviato lunedì", by: "sara", at: ago(60 * 3_600) },
    { kind: "told", text: "Doppio addebito confermato", by: "luca", at: ago(49 * 3_600) },
  ],
  timeline: TIMELINE,
  colleagues: [{ login: "luca", extension: null, why: "promised", call_id: null }],
};

const SORRY = first({
  kind: "apologise",
  cause: "promise_broken",
  title: "A rischio. Prima cosa: scusarsi",
  sentence: "Ci scusi: dovevamo richiamarla e non l’abbiamo fatto. Me ne occupo io adesso.",
  language: "it",
  remedy: "storno fino a 120 €",
});

export const atRisk = pop({ ...MARTA, first: SORRY });

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

const STUDIO = { company: "Studio Verdi", at_risk: false, owner: "anna" };

export const ambiguous = pop({
  call: record({
    queue: "Commerciale",
    line: "Commerciale",
    caller: {
      number: "0612345678",
      e164: "+390612345678",
      name: "STUDIO VERDI",
      presentation: "allowed",
    },
    called: { number: "0299992002", e164: "+390299992002" },
  }),
  match: {
    kind: "several",
    steps: ["a", "b", "c"],
    why: [
      { code: "e164", args: { raw: "0612345678", e164: "+390612345678" } },
      { code: "hits", args: { e164: "+390612345678", people: 4, companies: 0 } },
      { code: "several_people", args: { people: 4 } },
    ],
    reasons: ["person", "person", "person", "behind_switchboard"],
    pending: false,
  },
  candidates: [
    contact({ ...STUDIO, id: "c-1", name: "Elena Pace" }),
    contact({ ...STUDIO, id: "c-2", name: "Giorgio Verdi" }),
    contact({ ...STUDIO, id: "c-3", name: "Irene Salvi" }),
    contact({ ...STUDIO, id: "c-4", name: "Matteo Brandi" }),
  ],
  waiting_since: ago(12),
  first: first({
    kind: "who",
    cause: "several",
    sentence: "Buongiorno, con chi parlo?",
    language: "it",
  }),
  cues: [
    cue("promise_due", "warn", "promised_for", {
      due_at: ago(-16_500),
      by: "anna",
      text: "Conferma della consegna",
    }),
  ],
  timeline: TIMELINE.slice(2),
});

export const unknown = pop({
  call: record({
    queue: "Commerciale",
    caller: { number: "0612345621", e164: "+390612345621", name: null, presentation: "allowed" },
  }),
  match: {
    kind: "none",
    steps: ["a", "b"],
    why: [
      { code: "e164", args: { raw: "0612345621", e164: "+390612345621" } },
      { code: "no_hit", args: { e164: "+390612345621" } },
    ],
    reasons: [],
    pending: false,
  },
  first: first({}),
  waiting_since: ago(9),
});

export const withheld = pop({
  call: record({
    caller: { number: "anonymous", e164: null, name: null, presentation: "withheld" },
  }),
  match: {
    kind: "none",
    steps: ["a"],
    why: [{ code: "withheld", args: {} }],
    reasons: [],
    pending: false,
  },
  first: first({}),
  waiting_since: ago(31),
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
