import { span } from "../i18n/format";
import { useNow } from "./surroundings";

interface ElapsedProps {
  /** Milliseconds of the server's clock. */
  since: number;
  /** Where it stopped; it ticks without. */
  until?: number | null | undefined;
}

/** A running or a past time, in figures that do not dance. */
export function Elapsed({ since, until }: ElapsedProps) {
  const now = useNow();
  return <span className="num">{span((until ?? now) - since)}</span>;
}
