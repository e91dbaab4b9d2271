/** What of a card follows a person: which panel is open, and what its keys do. */

import { useRef, useState } from "react";
import { useCommand } from "../app/commands";
import { useKey } from "../app/keys";
import { naming } from "./naming";
import type { Phone } from "./phoneControls";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";
import type { Panel } from "./Work";
import { useCardWords } from "./words";

/** The panel of the work column; when it closes, the focus goes back to where it was opened. */
export function usePanel(
  first: Panel | null,
  card: Card,
): [Panel | null, (panel: Panel | null) => void] {
  const [panel, setPanel] = useState<Panel | null>(first);
  const opener = useRef<HTMLElement | null>(null);
  const set = (wanted: Panel | null) => {
    const active = document.activeElement;
    if (wanted !== null && panel === null && active instanceof HTMLElement) opener.current = active;
    setPanel(wanted);
    const back = opener.current;
    if (wanted !== null || back === null) return;
    opener.current = null;
    window.requestAnimationFrame(() => back.isConnected && back.focus());
  };
  // a call that is over is not handed on
  const shown = panel === "transfer" && card.phase !== "talk" ? null : panel;
  return [shown, set];
}

interface KeyTargets {
  show: (panel: Panel) => void;
  focus: (field: string) => void;
}

/** The keys of the open card: one letter each, none of them ends a call; by name all of them. */
export function useCardKeys(card: Card, phone: Phone, { show, focus }: KeyTargets): void {
  const words = useCardWords();
  const { people } = useSurroundings();
  const { name } = naming(card.pop, words, people);
  const held = card.heldSince !== null;
  const actions: Action[] = [
    { word: words.notes, key: "N", act: () => focus("note"), off: false },
    {
      word: words.transferNote,
      key: "T",
      act: () => show("transfer"),
      off: !(phone.can("transfer") || phone.can("consult")),
    },
    { word: words.promiseTitle, key: "P", act: () => focus("promise"), off: card.phase === "ring" },
    {
      word: held ? words.resume : words.hold,
      key: "H",
      act: () => phone.press(held ? "unhold" : "hold"),
      off: !phone.can("hold"),
    },
  ];
  for (const { word, key, act, off } of actions) {
    // biome-ignore lint/correctness/useHookAtTopLevel: always the same four, in the same order
    useKey(key, act, { off });
    // biome-ignore lint/correctness/useHookAtTopLevel: as above
    useCommand(`${word}: ${name}`, act, key, off);
  }
  useCommand(`${words.park}: ${name}`, () => phone.press("park"), undefined, !phone.can("park"));
  useCommand(
    `${words.decline}: ${name}`,
    () => phone.press("decline"),
    undefined,
    !phone.can("decline"),
  );
  useCommand(
    `${words.hangUp}: ${name}`,
    () => phone.press("hangup"),
    undefined,
    !phone.can("hangup"),
  );
}

interface Action {
  word: string;
  key: string;
  act: () => void;
  off: boolean;
}
