import { useEffect } from "react";
import { serverNow } from "../api/clock";
import { onFrame } from "../api/stream";
import { band } from "../card/band";
import { board, openCard } from "../card/boardStore";
import { fullName } from "../card/naming";
import { knownPeople } from "../card/people";
import type { Card } from "../card/types";
import { cardWords } from "../card/words";
import { preferences } from "./preferences";
import { play } from "./sound";

const AFTER_YOU_MS = 80;
const SAME_POP_MS = 3_000;
const shown = new Map<string, Notification | null>();

/** Tell of a new call outside the page too: one soft sound, one notification, gone with the pop. */
export function useArrivals(): void {
  useEffect(() => {
    const stopBoard = board.subscribe(look);
    const stopFrames = onFrame((heard, past) => {
      if (heard.type === "promise.due" && !past) void once(heard.data.id, () => play("due"));
    });
    look();
    return () => {
      stopBoard();
      stopFrames();
      for (const one of shown.values()) one?.close();
      shown.clear();
    };
  }, []);
}

function look(): void {
  const cards = board.get().cards;
  const now = serverNow();
  const ringing = cards.filter((card) => card.phase === "ring" && card.showAt <= now);
  for (const [id, notification] of shown) {
    if (ringing.some((card) => card.callId === id)) continue;
    notification?.close();
    if (!cards.some((card) => card.callId === id)) shown.delete(id);
  }
  for (const card of ringing) {
    if (shown.has(card.callId)) continue;
    const first = band(card, cardWords(), knownPeople());
    const talking = cards.some((one) => one.phase === "talk");
    const tune = talking ? "tick" : first.variant === "bad" ? "risk" : "ring";
    void once(card.callId, () => play(tune, talking));
    shown.set(card.callId, notify(card, first.title));
  }
}

/** Of several tabs one sounds: the one that is looked at, else the quickest. */
async function once(callId: string, act: () => void): Promise<void> {
  if (navigator.locks === undefined) return act(); // not over plain HTTP on another machine
  if (document.hidden) await pause(AFTER_YOU_MS);
  let asked = false;
  try {
    await navigator.locks.request(`filodiretto.${callId}`, { ifAvailable: true }, async (lock) => {
      asked = true;
      if (lock === null) return;
      act();
      await pause(SAME_POP_MS);
    });
  } catch {
    // a frame within another site may be denied locks, and then sounds for itself
    if (!asked) act();
  }
}

const pause = (ms: number) => new Promise((resolve) => window.setTimeout(resolve, ms));

/** Name, company and the first thing; never a note: others may look at the screen. */
function notify(card: Card, first: string): Notification | null {
  const wanted = preferences.get().notifications && document.hidden;
  if (!wanted || typeof Notification === "undefined") return null;
  if (Notification.permission !== "granted") return null;
  try {
    const title = fullName(card.pop, cardWords(), knownPeople());
    const notification = new Notification(title, { body: first, tag: card.callId, silent: true });
    notification.onclick = () => {
      window.focus();
      openCard(card.callId);
    };
    return notification;
  } catch {
    return null; // some browsers allow them from service workers only
  }
}
