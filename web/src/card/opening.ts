/** Times to promise that nobody is there at give way to the opening after them; without a calendar none does. */

import { useQueries } from "@tanstack/react-query";
import type { Proposal } from "./proposals";
import { useSurroundings } from "./surroundings";

// asked once for every card of the page: the times are rounded, and calendars change seldom
const KNOWN_MS = 300_000;

/** The times with what the hours of this person's team make of them; as they are until that is known. */
export function useOpened(found: readonly Proposal[]): Proposal[] {
  const { commands, me, now } = useSurroundings();
  const agent = me.login;
  const answers = useQueries({
    queries: found.map(({ at }) => ({
      queryKey: ["opening", at.toISOString(), agent],
      queryFn: ({ signal }: { signal: AbortSignal }) => commands.opening(at, agent, signal),
      retry: false,
      staleTime: KNOWN_MS,
    })),
  });
  return opened(
    found,
    answers.map(({ data }) => data ?? null),
    now(),
  );
}

/** `openings`: for each time null, or when those open again who are closed then. */
export function opened(
  found: readonly Proposal[],
  openings: readonly (string | null)[],
  now: number,
): Proposal[] {
  const moved = found.map((one, i) => {
    const opens = openings[i] ?? null;
    return opens === null ? one : named(new Date(opens), now);
  });
  const times = moved.map((one) => one.at.getTime());
  return moved.filter((_, i) => times.indexOf(times[i] ?? 0) === i);
}

function named(at: Date, now: number): Proposal {
  const days = Math.round((midnight(at) - midnight(new Date(now))) / 86_400_000);
  return { kind: days === 0 ? "today" : days === 1 ? "tomorrow" : "day", at };
}

function midnight(day: Date): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}
