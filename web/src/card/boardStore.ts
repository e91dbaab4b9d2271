/** The board of this page: frames come in, time passes, whoever shows cards is told. */

import { get } from "../api/client";
import { serverNow } from "../api/clock";
import { external, usePart } from "../api/external";
import { desk } from "../api/store";
import { onFrame } from "../api/stream";
import { wire } from "../api/wire";
import { announce, say } from "../app/announcer";
import { recall } from "./adopting";
import { beginAfterCall } from "./afterCall";
import { band, spoken, WEIGHT } from "./band";
import * as boards from "./board";
import { drafts, isUnsent } from "./drafts";
import { fullName } from "./naming";
import { knownPeople } from "./people";
import { popOf } from "./restoring";
import type { Card, Frame } from "./types";
import { cardWords } from "./words";

/** Live pops come again with the first frames; what is not among them then has ended. */
const RESTORE_AFTER_MS = 1_500;

export const board = external<boards.Board>(boards.EMPTY);

/** Follow a part of the board. */
export function useBoard<Part>(pick: (board: boards.Board) => Part): Part {
  return usePart(board, pick);
}

/** Open a call's card; the others become their state line. */
export const openCard = (callId: string) => set(boards.opened(board.get(), callId));
export const dismissCard = (callId: string) => {
  drafts.drop(callId);
  set(boards.dismissed(board.get(), callId));
};
export const holdCard = (callId: string, since: number | null) =>
  set(boards.holding(board.get(), callId, since));
export const savedCard = (callId: string) => {
  drafts.drop(callId);
  set(boards.saved(board.get(), callId, serverNow()));
};

let timer = 0;
const told = new Map<string, number>();

function set(next: boards.Board): void {
  const before = board.get();
  board.set(next);
  const left = before.cards.filter((card) => boards.cardOf(next, card.callId) === undefined);
  for (const card of left) leave(card);
  schedule();
}

function leave(card: Card): void {
  told.delete(card.callId);
  const into = card.pop.call.merged_into;
  if (card.reason === "merged" && into !== null) drafts.move(card.callId, into);
  else if (card.phase === "gone" && !isUnsent(drafts.get(card.callId))) drafts.drop(card.callId);
}

function schedule(): void {
  window.clearTimeout(timer);
  const now = serverNow();
  const next = boards.nextChange(board.get(), now);
  if (next !== null) timer = window.setTimeout(pass, Math.max(20, next - now));
}

function pass(): void {
  const next = boards.passed(board.get(), serverNow(), onDesk());
  // a card that may be shown now is the same card: whoever draws is told by a new board
  set(next === board.get() ? { ...next } : next);
  for (const card of board.get().cards) tell(card);
}

function onDesk(): boards.Desk {
  return {
    login: desk.get().me?.login,
    now: serverNow(),
    writingIn: writingIn(),
    hasDraft: (callId) => isUnsent(drafts.get(callId)),
  };
}

/** The call in whose card somebody is writing: a field there has the focus. */
function writingIn(): string | null {
  const active = document.activeElement;
  if (!(active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement)) return null;
  return active.closest("[data-call]")?.getAttribute("data-call") ?? null;
}

// the frames that show this moment, while they come; null: they are all here
let moment: { frames: Frame[]; left: number } | null = null;

onFrame((heard, past) => {
  if (heard.type === "reset") {
    moment = null;
    // hung up for good; else hello follows, and what shows this moment
    if (wire.get().phase === "idle") set(boards.forgotten(board.get()));
    return undefined;
  }
  if (heard.type === "hello") {
    window.setTimeout(() => void restore(), RESTORE_AFTER_MS);
    if (!heard.data.resumed) moment = { frames: [], left: heard.data.follow };
    return shown();
  }
  const frame: Frame = heard;
  if (moment !== null) {
    moment.frames.push(frame);
    moment.left -= 1;
    return shown();
  }
  const before = board.get();
  const next = boards.heard(before, frame, onDesk());
  set(next);
  if (!past) for (const card of boards.justEnded(before, next)) beginAfterCall(card);
  if (past) return remember(frame);
  return speak(frame);
});

/** Show the moment at once when the last of its frames is here. */
function shown(): void {
  if (moment === null || moment.left > 0) return;
  const { frames } = moment;
  moment = null;
  set(boards.retold(board.get(), frames, onDesk()));
  for (const frame of frames) remember(frame);
  const login = desk.get().me?.login;
  if (login === undefined) return;
  for (const card of board.get().cards) if (card.phase !== "gone") void recall(card.callId, login);
}

function remember(frame: Frame): void {
  if (frame.type === "pop.offered" || frame.type === "pop.updated") told.set(frame.data.call_id, 9);
}

function speak(frame: Frame): void {
  if (frame.type === "pop.answered") {
    const card = boards.cardOf(board.get(), frame.data.call_id);
    if (card !== undefined) say(cardWords().talks(fullName(card.pop, cardWords(), knownPeople())));
  } else if (frame.type === "pop.updated") {
    const card = boards.cardOf(board.get(), frame.data.call_id);
    if (card !== undefined) tell(card);
  }
}

/** Announce a card once, when it is shown; a heavier first thing that comes late once more. */
function tell(card: Card): void {
  if (card.phase !== "ring" || card.showAt > serverNow()) return;
  const words = cardWords();
  const people = knownPeople();
  const first = band(card, words, people);
  const weight = WEIGHT[first.variant];
  const before = told.get(card.callId);
  if (before === undefined) {
    const who = words.rings(fullName(card.pop, words, people), card.pop.call.queue ?? "");
    announce(`${who} ${spoken(first)}`);
  } else if (weight > before) say(spoken(first));
  told.set(card.callId, Math.max(weight, before ?? 0));
}

/** Bring back the cards of ended calls on which something was typed before a reload. */
async function restore(): Promise<void> {
  const login = desk.get().me?.login;
  if (login === undefined) return;
  for (const callId of drafts.calls()) {
    if (boards.cardOf(board.get(), callId) !== undefined) continue;
    try {
      const call = await get("/api/v1/calls/{id}", { path: { id: callId } });
      const said = call.wrap_ups.some((one) => one.agent === login && one.disposition !== null);
      if (call.merged_into !== null) drafts.move(callId, call.merged_into);
      else if (call.state === "live" || (said && !isUnsent(drafts.get(callId)))) continue;
      else
        set(
          boards.restored(board.get(), popOf(call), Date.parse(call.ended_at ?? "") || serverNow()),
        );
    } catch {
      // not to be read now: the text stays, the next connection tries again
    }
  }
}

desk.subscribe(() => {
  const login = desk.get().me?.login ?? "";
  drafts.of(login);
  if (login === "") set(boards.EMPTY);
});
