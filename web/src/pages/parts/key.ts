import { useState } from "react";
import { newKey } from "../../api/client";

/** The `Idempotency-Key` of what is sent: the same for a repetition, another for another content. */
export function useKeyOf(): (body: unknown) => string {
  const [known] = useState(() => new Map<string, string>());
  return (body) => {
    const text = JSON.stringify(body);
    const key = known.get(text) ?? newKey();
    known.set(text, key);
    return key;
  };
}
