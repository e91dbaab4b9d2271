import { useEffect, useState } from "react";

/** Whether something has been missing for so long that it must be said. */
export function useLate(missing: boolean, afterMs: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!missing) return undefined;
    const timer = window.setTimeout(() => setLate(true), afterMs);
    return () => window.clearTimeout(timer);
  }, [missing, afterMs]);
  return late;
}
