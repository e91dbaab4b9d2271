import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { get, newKey, post } from "../../api/client";
import { serverNow } from "../../api/clock";
import { KEYS, queryClient } from "../../api/queries";
import type { Link, Me } from "../../api/shapes";
import { trunkKey, useDesk, useMe } from "../../api/store";
import { onFrame } from "../../api/stream";
import type { TestRun, Trunk } from "./types";

const ADMINISTER: readonly Me["role"][] = ["pbx-admin", "admin"];
const MINUTE = 60_000;
const TESTS = 100;

/** Every trunk as it is now, told by frames. */
export function useTrunks(): readonly Trunk[] {
  const trunks = useDesk((state) => state.trunks);
  return useMemo(() => [...trunks.values()], [trunks]);
}

/** The links to telephone systems, by name; accounts of our own are trunks, not systems. */
export function useSystems(): Link[] {
  const links = useDesk((state) => state.links);
  const trunks = useTrunks();
  const own = new Set(trunks.filter((one) => one.kind === "sip").map((one) => one.pbx));
  return [...links.values()]
    .filter((one) => !own.has(one.pbx))
    .sort((a, b) => a.pbx.localeCompare(b.pbx));
}

/** Whether who is signed in may make test calls and configure. */
export function useAdministers(): boolean {
  return ADMINISTER.includes(useMe().role);
}

const testsKey = (name: string) => [...KEYS.trunks, "tests", name] as const;

/** What a trunk did in the last `span` milliseconds; asked again every minute while it is shown. */
export function useHistory(trunk: Trunk, span: number) {
  const name = trunkKey(trunk);
  return useQuery({
    queryKey: [...KEYS.trunks, "history", name, span],
    queryFn: ({ signal }) => {
      const now = serverNow();
      const query = {
        from: new Date(now - span).toISOString(),
        to: new Date(now).toISOString(),
      };
      return get("/api/v1/trunks/{name}/history", { path: { name }, query, signal });
    },
    refetchInterval: MINUTE,
    placeholderData: (before) => before,
  });
}

/** The test calls of a trunk, the latest first. */
export function useTests(trunk: Trunk) {
  const name = trunkKey(trunk);
  return useQuery({
    queryKey: testsKey(name),
    queryFn: async ({ signal }) => {
      const query = { limit: TESTS };
      return (await get("/api/v1/trunks/{name}/tests", { path: { name }, query, signal })).items;
    },
  });
}

/** Make one test call, the first if none is named; the key makes a repetition of the request by the browser harmless. */
export function startTest(trunk: Trunk, test: string | null): Promise<TestRun> {
  return post("/api/v1/trunks/{name}/test", {
    path: { name: trunkKey(trunk) },
    body: { test },
    idempotencyKey: newKey(),
  });
}

/** Put a run in its place among the runs that are known: a frame may come before the answer. */
export function keepRun(run: TestRun): void {
  const key = testsKey(`${run.pbx}:${run.trunk}`);
  queryClient.setQueryData<TestRun[]>(key, (known) => withRun(known, run));
}

/** The runs with this one in place of what was known of it; what has ended does not run again. */
export function withRun(known: TestRun[] | undefined, run: TestRun): TestRun[] | undefined {
  if (known === undefined) return undefined;
  const before = known.find((one) => one.id === run.id);
  if (before === undefined) return [run, ...known];
  if (before.state !== "running" && run.state === "running") return known;
  return known.map((one) => (one.id === run.id ? run : one));
}

onFrame((heard) => {
  if (heard.type === "reset") void queryClient.invalidateQueries({ queryKey: KEYS.trunks });
  if (heard.type === "trunk.test") keepRun(heard.data);
});
