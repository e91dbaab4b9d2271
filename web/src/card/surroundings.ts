/** What a card needs besides its call: who is here, who else, what may be said, how to command. */

import { createContext, useContext, useEffect, useState } from "react";
import type { Commands } from "./commands";
import type { People } from "./naming";
import type { Agent, Queue } from "./types";

export interface CrmChoice {
  readonly name: string;
  readonly label: string;
  /** What a person may have made of an unknown caller; null: nothing. */
  readonly creates: "contact" | "lead" | null;
}

export interface Surroundings {
  readonly me: { readonly login: string; readonly name: string };
  readonly now: () => number;
  /** Since when the page hears nothing (the server's clock); null while it does. */
  readonly lostAt: number | null;
  readonly people: People;
  readonly agents: readonly Agent[];
  readonly queues: readonly Queue[];
  readonly dispositions: readonly string[];
  readonly crms: readonly CrmChoice[];
  /** Seconds after a call for its outcome. */
  readonly wrapUpS: number;
  readonly commands: Commands;
  readonly say: (text: string) => void;
  /** Our own telephone is paused for the outcome and takes calls again when this is called. */
  readonly available: (() => void) | null;
  readonly onHeld: (callId: string, since: number | null) => void;
  readonly onSaved: (callId: string) => void;
  readonly onOpen: (callId: string) => void;
  readonly onDismiss: (callId: string) => void;
}

export const SurroundingsContext = createContext<Surroundings | null>(null);

export function useSurroundings(): Surroundings {
  const found = useContext(SurroundingsContext);
  if (found === null) throw new Error("A card stands inside <SurroundingsContext>.");
  return found;
}

export function crmLabels(crms: readonly CrmChoice[]): ReadonlyMap<string, string> {
  return new Map(crms.map((crm) => [crm.name, crm.label]));
}

/** The server's clock, once a second; drawn again by who uses it alone. */
export function useNow(): number {
  const { now } = useSurroundings();
  const [moment, setMoment] = useState(now);
  useEffect(() => {
    setMoment(now());
    const timer = window.setInterval(() => setMoment(now()), 1_000);
    return () => window.clearInterval(timer);
  }, [now]);
  return moment;
}

/** Something is being asked for, and why it failed, if it did. */
export function useAsking(): [
  boolean,
  string | null,
  (ask: () => Promise<string | null>) => Promise<boolean>,
] {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const ask = async (work: () => Promise<string | null>) => {
    setBusy(true);
    const failed = await work();
    setBusy(false);
    setFailure(failed);
    return failed === null;
  };
  return [busy, failure, ask];
}
