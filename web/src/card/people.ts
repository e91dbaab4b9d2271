/** Names of colleagues by login and by phone, from the daemon's list of people. */

import { KEYS, queryClient } from "../api/queries";
import type { People } from "./naming";
import type { Agent } from "./types";

export function peopleOf(agents: readonly Agent[]): People {
  const logins = new Map(agents.map((agent) => [agent.login, agent.name || agent.login]));
  const phones = new Map<string, string[]>();
  for (const agent of agents) {
    for (const phone of agent.extensions) {
      phones.set(phone.extension, [
        ...(phones.get(phone.extension) ?? []),
        agent.name || agent.login,
      ]);
    }
  }
  return {
    byLogin: (login) => (login === null || login === "" ? "" : (logins.get(login) ?? login)),
    // a phone that several people have is nobody's by name
    byExtension: (extension) => {
      if (extension === null || extension === "") return "";
      const names = phones.get(extension) ?? [];
      return names.length === 1 ? (names[0] ?? extension) : extension;
    },
  };
}

/** The same outside components: as much as has been read by now. */
export function knownPeople(): People {
  const known = queryClient.getQueryData<{ items: Agent[] }>(KEYS.agents);
  return peopleOf(known?.items ?? []);
}
