import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { components } from "../../api/schema";

/** A time in which a telephone system was not followed. */
export type Gap = components["schemas"]["Gap"];

const ASKED = 100;

/** The last gaps; nobody is told of them who may not see the links. */
export function useGaps() {
  return useQuery({
    queryKey: ["gaps"],
    queryFn: ({ signal }) => get("/api/v1/gaps", { query: { limit: ASKED }, signal }),
    staleTime: 60_000,
  });
}
