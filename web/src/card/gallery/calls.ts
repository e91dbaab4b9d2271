/** The gallery's present, and a call of it: 11:24 on a Thursday. */

import type { CallRecord } from "../types";

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
