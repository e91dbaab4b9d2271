/** What of a card follows a person: which panel is open, and what its keys do. */

import { useRef, useState } from "react";
import { useKey } from "../app/keys";
import type { Phone } from "./phoneControls";
import type { Card } from "./types";
import type { Panel } from "./Work";

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

/** The keys of the open card: one letter each, none of them ends a call. */
export function useCardKeys(card: Card, phone: Phone, { show, focus }: KeyTargets): void {
  useKey("N", () => focus("note"));
  useKey("T", () => show("transfer"), { off: !(phone.can("transfer") || phone.can("consult")) });
  useKey("P", () => focus("promise"), { off: card.phase === "ring" });
  useKey("H", () => phone.press(card.heldSince === null ? "hold" : "unhold"), {
    off: !phone.can("hold"),
  });
}
