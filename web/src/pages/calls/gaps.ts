import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { components } from "../../api/schema";
import type { Me } from "../../api/shapes";
import { useMe } from "../../api/store";

/** A time in which a telephone system was not followed. */
export type Gap = components["schemas"]["Gap"];

const ASKED = 100;
const SEEN_BY = new Set<Me["role"]>(["supervisor", "pbx-admin", "admin"]);

/** The last gaps; nobody is told of them who may not see the links. */
export function useGaps() {
  const role = useMe().role;
  return useQuery({
    queryKey: ["gaps"],
    queryFn: ({ signal }) => get("/api/v1/gaps", { query: { limit: ASKED }, signal }),
    staleTime: 60_000,
    enabled: SEEN_BY.has(role),
  });
}
