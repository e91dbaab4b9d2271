import type { Me } from "../api/shapes";
import type { IconName } from "../ui/icons";

export type PlaceName = "desk" | "missed" | "contacts" | "calls" | "trunks";

interface Place {
  name: PlaceName;
  path: string;
  icon: IconName;
  /** For whom it is; for everybody without. */
  roles?: readonly Me["role"][];
}

/** Who looks after trunks and telephone systems, or after those who suffer from them. */
export const OPERATORS: readonly Me["role"][] = ["supervisor", "pbx-admin", "admin"];

/** The places of the rail, in its order. */
export const PLACES: readonly Place[] = [
  { name: "desk", path: "/", icon: "desk" },
  { name: "missed", path: "/missed", icon: "miss" },
  { name: "contacts", path: "/contacts", icon: "people" },
  { name: "calls", path: "/calls", icon: "history" },
  { name: "trunks", path: "/trunks", icon: "trunk", roles: OPERATORS },
];

/** The places that a role has. */
export function placesOf(role: Me["role"] | undefined): readonly Place[] {
  return PLACES.filter((one) => !one.roles || (role !== undefined && one.roles.includes(role)));
}

/** Whether an address is within a place. */
export function isWithin(location: string, path: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}
