import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";

/** How the house is set up: words of breaks, CRMs as people call them, who may embed the desk. */
export function useHouse() {
  return useQuery({
    queryKey: ["desk"],
    queryFn: ({ signal }) => get("/api/v1/desk", { signal }),
    staleTime: 300_000,
  }).data;
}

/** How people call a CRM; its name in the configuration while that is not known. */
export function useCrmLabel(): (name: string) => string {
  const crms = useHouse()?.crms ?? [];
  return (name) => crms.find((one) => one.name === name)?.label ?? name;
}
