/** Customers of the gallery, and what is known of them: all names are made up. */

import type { Contact, Cue, OpenItem, PastItem, Pop } from "../types";
import { ago } from "./calls";

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

const missed = (part: Partial<OpenItem>): OpenItem => ({
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

function past(part: Partial<PastItem>): PastItem {
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

/** Everything that a pop tells of a customer at risk. */
export const MARTA: Partial<Pop> = {
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
