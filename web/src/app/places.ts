import type { IconName } from "../ui/icons";

export type PlaceName = "desk" | "missed" | "contacts" | "calls";

interface Place {
  name: PlaceName;
  path: string;
  icon: IconName;
}

/** The places of the rail, in its order. */
export const PLACES: readonly Place[] = [
  { name: "desk", path: "/", icon: "desk" },
  { name: "missed", path: "/missed", icon: "miss" },
  { name: "contacts", path: "/contacts", icon: "people" },
  { name: "calls", path: "/calls", icon: "history" },
];

/** Whether an address is within a place. */
export function isWithin(location: string, path: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}
