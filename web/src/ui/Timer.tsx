import { useSyncExternalStore } from "react";
import { serverNow } from "../api/clock";
import { span } from "../i18n/format";

const listeners = new Set<() => void>();
let timer = 0;

function tick(): void {
  for (const listener of [...listeners]) listener();
}

function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) timer = window.setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    timer = 0;
  };
}

/** This moment in whole seconds (as milliseconds) of the server's clock; ticks once a second. */
export function useNow(): number {
  return useSyncExternalStore(everySecond, () => Math.floor(serverNow() / 1000) * 1000);
}

interface TimerProps {
  /** When it began: ISO time or milliseconds of the server's clock. */
  since: string | number;
  /** When it ended; without, it goes on. */
  until?: string | number | null | undefined;
}

/** A running time, 0:48. Not live for who listens: a timer would never stop talking. */
export function Timer({ since, until }: TimerProps) {
  const now = useNow();
  const end = until ? new Date(until).getTime() : now;
  return <span className="num">{span(end - new Date(since).getTime())}</span>;
}
