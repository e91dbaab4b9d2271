import { useSyncExternalStore } from "react";

/** A value outside React that components follow; `set` tells them only if it is another one. */
export interface External<Value> {
  get(): Value;
  set(value: Value): void;
  subscribe(listener: () => void): () => void;
}

/** Make such a value. Values are never changed in place: a new one is set. */
export function external<Value>(initial: Value): External<Value> {
  const listeners = new Set<() => void>();
  let value = initial;
  return {
    get: () => value,
    set: (wanted) => {
      if (Object.is(value, wanted)) return;
      value = wanted;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Follow a part of it; `pick` returns something that is in the value, not a new object each time. */
export function usePart<Value, Part>(source: External<Value>, pick: (value: Value) => Part): Part {
  return useSyncExternalStore(source.subscribe, () => pick(source.get()));
}
