import { external, usePart } from "./external";

export interface WireState {
  phase: "idle" | "connecting" | "online" | "lost";
  /** Since when nothing is heard, in milliseconds of the server's clock; null while online. */
  lostAt: number | null;
  /** When the next attempt is made, in milliseconds of this computer's clock. */
  nextTryAt: number | null;
}

export const IDLE: WireState = { phase: "idle", lostAt: null, nextTryAt: null };

/** What the page knows of its own connection; it never says "online" without having heard. */
export const wire = external<WireState>(IDLE);

/** Follow a part of the connection's state. */
export function useWire<Part>(pick: (state: WireState) => Part): Part {
  return usePart(wire, pick);
}

/** Whether what is shown may be old: then commands rest and cards are dated. */
export function useLostAt(): number | null {
  return useWire((state) => state.lostAt);
}
