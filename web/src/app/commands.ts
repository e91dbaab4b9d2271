import { useEffect, useRef } from "react";
import { external, usePart } from "../api/external";

/** Something that can be done now, by name in Ctrl-K. */
export interface Command {
  name: string;
  /** The key that does the same. */
  hint?: string | undefined;
  run: () => void;
}

const offered = external<readonly Command[]>([]);

/** Offer a command while the component is shown; `off`: not possible now. */
export function useCommand(name: string, run: () => void, hint?: string, off = false): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (off) return undefined;
    const command: Command = { name, hint, run: () => latest.current() };
    offered.set([...offered.get(), command]);
    return () => offered.set(offered.get().filter((one) => one !== command));
  }, [name, hint, off]);
}

/** Follow all commands that are offered. */
export function useCommands(): readonly Command[] {
  return usePart(offered, (all) => all);
}
