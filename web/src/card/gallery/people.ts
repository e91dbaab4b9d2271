/** Colleagues of the gallery: all names are made up. */

import { peopleOf } from "../people";
import type { Agent, Queue } from "../types";

type State = NonNullable<Agent["extensions"][number]["state"]>;

function agent(login: string, name: string, extension: string, state: State): Agent {
  return {
    login,
    name,
    extensions: [
      {
        pbx: "hq",
        extension,
        state,
        registered: true,
        since: null,
        presence: null,
        stale: false,
        on: "hq",
        devices: [],
        queues: [],
      },
    ],
  };
}

export const AGENTS: readonly Agent[] = [
  agent("anna", "Anna Moretti", "1002", "in_use"),
  agent("luca", "Luca Gatti", "1005", "idle"),
  agent("sara", "Sara Conti", "1001", "idle"),
  agent("marco", "Marco Levi", "1007", "in_use"),
  agent("elena", "Elena Pace", "1008", "unavailable"),
];

export const PEOPLE = peopleOf(AGENTS);

export const QUEUES: readonly Queue[] = [
  {
    pbx: "hq",
    queue: "400",
    stale: false,
    waiting: [{ position: 1, since: "2026-11-19T10:26:00Z" }],
    members: ["1011", "1012"].map((extension) => ({
      interface: `PJSIP/${extension}`,
      extension,
      name: null,
      logins: [],
      state: "idle",
      paused: false,
      pause_reason: null,
      paused_since: null,
      in_call: false,
      calls_taken: 3,
      last_call_at: null,
      penalty: 0,
      dynamic: true,
    })),
  },
];
