import type { Me } from "../api/shapes";
import type { IconName } from "../ui/icons";

export type PlaceName = "desk" | "missed" | "contacts" | "calls" | "trunks";

interface Place {
  name: PlaceName;
  path: string;
  icon: IconName;
  isFor: (me: Me) => boolean;
}

/** Who looks after trunks and telephone systems, or after those who suffer from them. */
export const OPERATORS: readonly Me["role"][] = ["supervisor", "pbx-admin", "admin"];

const may = (scope: string) => (me: Me) => me.scopes.includes(scope);
// who has a phone is told of its calls, whatever else the role includes
const hasCalls = (me: Me) => may("calls:read")(me) || me.extensions.length > 0;

/** The places of the rail, in its order. */
export const PLACES: readonly Place[] = [
  { name: "desk", path: "/", icon: "desk", isFor: hasCalls },
  { name: "missed", path: "/missed", icon: "miss", isFor: may("calls:read") },
  { name: "contacts", path: "/contacts", icon: "people", isFor: may("contacts:read") },
  { name: "calls", path: "/calls", icon: "history", isFor: may("calls:read") },
  { name: "trunks", path: "/trunks", icon: "trunk", isFor: (me) => OPERATORS.includes(me.role) },
];

/** The places that somebody has. */
export function placesOf(me: Me | null): readonly Place[] {
  return me === null ? [] : PLACES.filter((one) => one.isFor(me));
}

/** Where somebody begins: the first place, else what everybody has. */
export function homeOf(me: Me): string {
  return placesOf(me)[0]?.path ?? "/profile";
}

/** Whether an address is within a place. */
export function isWithin(location: string, path: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}
