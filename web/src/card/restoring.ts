/** A pop for a call that is only known by its record: what the record does not tell stays empty. */

import type { CallRecord, Pop } from "./types";

export function popOf(call: CallRecord): Pop {
  return {
    pop_id: call.id,
    call_id: call.id,
    extension: call.final_talker ?? call.answered_by ?? "",
    call,
    contact: null,
    match: { kind: call.contact?.match ?? "none", steps: [], why: [], reasons: [], pending: false },
    candidates: [],
    line: null,
    waiting_since: null,
    first: {
      kind: "nothing",
      cause: null,
      title: "",
      sentence: null,
      language: null,
      remedy: null,
      done: null,
    },
    cues: [],
    open: [],
    said: [],
    timeline: [],
    colleagues: [],
    handoff: null,
    provenance: null,
    actions: [],
  };
}
