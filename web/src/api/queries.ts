import { QueryClient, useQuery } from "@tanstack/react-query";
import { get } from "./client";
import { ApiProblem } from "./problem";
import { useMay } from "./store";
import { onFrame } from "./stream";

/** What was asked of the daemon, kept until a frame says that it is otherwise now. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // a refusal stays one; silence may end
      retry: (times, error) => !(error instanceof ApiProblem) && times < 2,
      refetchOnWindowFocus: false,
    },
  },
});

/** The keys of what several parts ask for; invalidate by these. */
export const KEYS = {
  agents: ["agents"],
  calls: ["calls"],
  contacts: ["contacts"],
  dispositions: ["dispositions"],
  missed: ["missed"],
  outbox: ["outbox"],
  pbxs: ["pbxs"],
  promises: ["promises"],
  queues: ["queues"],
  trunks: ["trunks"],
} as const;

// Frames that make an answer old. Several at once are one question: invalidation waits a moment.
const STALE_BY: Readonly<Record<string, readonly (keyof typeof KEYS)[]>> = {
  "call.ended": ["calls", "missed", "promises"],
  "call.merged": ["calls"],
  "missed.updated": ["missed"],
  "promise.due": ["promises"],
  reset: ["agents", "calls", "missed", "promises", "outbox", "queues"],
};
const SOON_MS = 300;
const stale = new Set<keyof typeof KEYS>();
let timer = 0;

onFrame((heard, past) => {
  const names = STALE_BY[heard.type];
  if (names === undefined || (past && heard.type !== "reset")) return;
  for (const name of names) stale.add(name);
  if (timer) return;
  timer = window.setTimeout(() => {
    timer = 0;
    for (const name of stale) void queryClient.invalidateQueries({ queryKey: KEYS[name] });
    stale.clear();
  }, SOON_MS);
});

/** People and their phones, by login. */
export function useAgents() {
  return useQuery({
    queryKey: KEYS.agents,
    queryFn: ({ signal }) => get("/api/v1/agents", { signal }),
    enabled: useMay("events:read"),
  });
}

/** Promises that are still to be kept by somebody; the first due first. */
export function usePromises(assignee: string) {
  return useQuery({
    queryKey: [...KEYS.promises, "to-do", assignee],
    queryFn: ({ signal }) =>
      get("/api/v1/promises", { query: { to_do: true, assignee, limit: 100 }, signal }),
    enabled: useMay("contacts:read"),
  });
}

/** Customers to be called back, the most urgent first. */
export function useMissed() {
  return useQuery({
    queryKey: [...KEYS.missed, "open"],
    queryFn: ({ signal }) => get("/api/v1/missed", { query: { limit: 100 }, signal }),
    enabled: useMay("calls:read"),
  });
}

/** One entry of the directory; undefined without an id, or until it is known. */
export function useContact(id: string | null) {
  const may = useMay("contacts:read");
  const { data } = useQuery({
    queryKey: [...KEYS.contacts, "one", id],
    queryFn: ({ signal }) => get("/api/v1/contacts/{id}", { path: { id: id ?? "" }, signal }),
    enabled: may && id !== null,
    staleTime: 300_000,
  });
  return data;
}
