import { useEffect, useRef } from "react";
import { preferences } from "./preferences";

interface KeyOptions {
  /** Also while typing in a field; for keys with Ctrl or Esc. */
  inFields?: boolean;
  /** Off for now: the part is not on screen, or has nothing to do. */
  off?: boolean;
}

interface Bound {
  combination: string;
  act: (event: KeyboardEvent) => void;
  inFields: boolean;
}

// the last part that was shown answers first
const bound: Bound[] = [];

/** `Ctrl+K`, `Escape`, `N`, `1`: what an event is called; Cmd counts as Ctrl. */
export function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key;
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  }
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    target.isContentEditable
  );
}

function pressed(event: KeyboardEvent): void {
  // a key that makes a letter of an Asian script, or one held down, is no command
  if (event.isComposing || event.altKey || event.defaultPrevented || event.repeat) return;
  const field = isField(event.target);
  if (field && event.key === "Escape" && document.querySelector("[role=dialog]") === null) {
    (event.target as HTMLElement).blur();
  }
  const name = nameOf(event);
  const single = name.length === 1;
  if (single && (field || !preferences.get().singleKeys)) return;
  for (const one of [...bound].reverse()) {
    if (one.combination !== name || (field && !one.inFields)) continue;
    event.preventDefault();
    one.act(event);
    return;
  }
}

window.addEventListener("keydown", pressed);

/** Act on a key while the component is shown. Single keys rest in fields and can be switched off. */
export function useKey(
  combination: string,
  act: (event: KeyboardEvent) => void,
  { inFields = combination.startsWith("Ctrl+"), off = false }: KeyOptions = {},
): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (off) return undefined;
    const one: Bound = { combination, act: (event) => latest.current(event), inFields };
    bound.push(one);
    return () => {
      bound.splice(bound.indexOf(one), 1);
    };
  }, [combination, inFields, off]);
}
