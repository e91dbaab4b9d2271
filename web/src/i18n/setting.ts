import { useSyncExternalStore } from "react";

/** One value that a person chose, kept in this browser and shared by its tabs. */
export interface Setting<Value> {
  get(): Value;
  set(value: Value): void;
  subscribe(listener: () => void): () => void;
}

interface SettingOptions<Value extends string> {
  key: string;
  initial: Value;
  /** Read what is stored; undefined if it is none of ours. */
  read(text: string): Value | undefined;
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off: the choice holds for this visit
  }
}

/** Make a setting; a browser without storage keeps it for the visit only. */
export function createSetting<Value extends string>(
  options: SettingOptions<Value>,
): Setting<Value> {
  const { key, initial, read } = options;
  const listeners = new Set<() => void>();
  let value = read(stored(key) ?? "") ?? initial;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  window.addEventListener("storage", (event) => {
    if (event.key !== key) return;
    value = read(event.newValue ?? "") ?? initial;
    tell();
  });
  return {
    get: () => value,
    set: (wanted) => {
      value = wanted;
      try {
        localStorage.setItem(key, wanted);
      } catch {
        // as above
      }
      tell();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Follow a setting from a component. */
export function useSetting<Value>(setting: Setting<Value>): Value {
  return useSyncExternalStore(setting.subscribe, setting.get);
}
