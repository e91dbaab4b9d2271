import { useEffect, useRef } from "react";
import { external, usePart } from "../api/external";

/** Something that can be done now, by name in Ctrl-K. */
export interface Command {
  name: string;
  /** The key that does the same. */
  hint?: string | undefined;
  run: () => void;
  /** Possible everywhere and always: listed after what belongs to a call or a page. */
  general: boolean;
}

const offered = external<readonly Command[]>([]);

/** Offer a command while the component is shown; `off`: not possible now. */
export function useCommand(name: string, run: () => void, hint?: string, off = false): void {
  useOffered({ name, run, hint, off, general: false });
}

/** The same for what can be done from everywhere. */
export function useGeneralCommand(name: string, run: () => void, hint?: string, off = false): void {
  useOffered({ name, run, hint, off, general: true });
}

function useOffered({ name, run, hint, off, general }: Command & { off: boolean }): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (off) return undefined;
    const command: Command = { name, hint, general, run: () => latest.current() };
    offered.set([...offered.get(), command]);
    return () => offered.set(offered.get().filter((one) => one !== command));
  }, [name, hint, off, general]);
}

/** Follow all commands that are offered. */
export function useCommands(): readonly Command[] {
  return usePart(offered, (all) => all);
}
