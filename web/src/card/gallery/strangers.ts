/** Pops of numbers that name nobody, or several people. */

import { ago, record } from "./calls";
import { contact, cue, TIMELINE } from "./customers";
import { first, pop } from "./pops";

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
