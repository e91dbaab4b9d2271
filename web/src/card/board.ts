/**
 * The cards on the desk, one for each call, and how frames change them. Pure: the same frames give
 * the same cards, whatever the clock of the machine.
 */

import type { CallRecord, Card, Frame, GoneReason, Phase, Pop } from "./types";

/** A phone that is dialled may not ring at all: a card waits so long for the ringing. */
export const SHOW_AFTER_MS = 150;
/** How long the grey line of a call that went elsewhere stays. */
export const GONE_MS = 4_000;
/** How long the line of a saved outcome stays: long enough to read the CRM's receipt. */
export const SAVED_MS = 8_000;
/** So many ended calls without an outcome stay on the desk; older ones are in the history. */
export const ENDED_KEPT = 5;

export interface Board {
  /** In the order the calls came. */
  readonly cards: readonly Card[];
  /** The card that is whole; the others are their state line. */
  readonly open: string | null;
}

export const EMPTY: Board = { cards: [], open: null };

/** What the board cannot know: who is here, when, where they write, what text is not sent yet. */
export interface Desk {
  readonly login?: string | undefined;
  readonly now?: number;
  readonly writingIn: string | null;
  readonly hasDraft: (callId: string) => boolean;
}

export const NOBODY: Desk = { writingIn: null, hasDraft: () => false };

const RANK: Record<Phase, number> = { gone: 0, ended: 1, talk: 2, ring: 3 };

export function cardOf(board: Board, callId: string): Card | undefined {
  return board.cards.find((card) => card.callId === callId);
}

/** The board after a frame; `desk` says where somebody is writing now. */
export function heard(board: Board, frame: Frame, desk: Desk = NOBODY): Board {
  switch (frame.type) {
    case "pop.offered":
      return offered(board, frame.data, Date.parse(frame.at), desk);
    case "pop.updated":
      return updated(board, frame.data, Date.parse(frame.at), desk);
    case "pop.answered":
      return answered(board, frame.data, Date.parse(frame.at), desk);
    case "pop.closed":
      return closed(board, frame.data, frame.data.reason, Date.parse(frame.at));
    case "call.updated":
      return amended(board, frame.data, Date.parse(frame.at), desk);
    case "call.ended":
      return ended(board, frame.data, Date.parse(frame.at), desk);
    case "presence":
      return phones(board, frame.data.items);
    case "call.merged":
      return over(board, frame.data.id, "gone", "merged", Date.parse(frame.at));
    default:
      return board;
  }
}

function offered(board: Board, pop: Pop, at: number, desk: Desk): Board {
  const known = cardOf(board, pop.call_id);
  const pops = { ...known?.pops, [pop.pop_id]: "ring" as const };
  if (known !== undefined && (known.phase === "talk" || known.phase === "ring")) {
    return put(board, { ...known, pops, pop: newer(known.pop, pop) });
  }
  const card: Card = {
    callId: pop.call_id,
    pop,
    phase: "ring",
    pops,
    since: at,
    heldSince: null,
    showAt: at + SHOW_AFTER_MS,
    leaveAt: null,
    reason: null,
  };
  return lifted(put(board, card), card.callId, desk);
}

function updated(board: Board, pop: Pop, at: number, desk: Desk): Board {
  const known = cardOf(board, pop.call_id);
  if (known === undefined) return offered(board, pop, at - SHOW_AFTER_MS, desk);
  const pops =
    pop.pop_id in known.pops ? known.pops : { ...known.pops, [pop.pop_id]: "ring" as const };
  const card = { ...known, pops, pop: newer(known.pop, pop), showAt: Math.min(known.showAt, at) };
  return put(board, held(card, pop));
}

function answered(board: Board, pop: Pop, at: number, desk: Desk): Board {
  const known = cardOf(board, pop.call_id);
  const here = pop.call.answered_by === pop.extension ? pop.call.answered_at : null;
  const card: Card = {
    callId: pop.call_id,
    pop: known === undefined ? pop : newer(known.pop, pop),
    phase: "talk",
    pops: { ...known?.pops, [pop.pop_id]: "talk" },
    since: known?.phase === "talk" ? known.since : here === null ? at : Date.parse(here),
    heldSince: known?.heldSince ?? null,
    showAt: Math.min(known?.showAt ?? at, at),
    leaveAt: null,
    reason: null,
  };
  const next = put(board, held(card, pop));
  return known?.phase === "talk" ? next : lifted(next, card.callId, desk);
}

function closed(board: Board, pop: Pop, reason: GoneReason, at: number): Board {
  const known = cardOf(board, pop.call_id);
  if (known === undefined) return board;
  const pops = { ...known.pops };
  delete pops[pop.pop_id];
  const next = put(board, { ...known, pops, pop: newer(known.pop, pop) });
  if (Object.keys(pops).length > 0 || known.phase === "ended" || known.phase === "gone")
    return next;
  // Who only was consulted talked with a colleague: there is no outcome to ask for.
  const hadThem = known.phase === "talk" && reason === "transferred";
  return over(next, known.callId, hadThem ? "ended" : "gone", reason, at);
}

function amended(board: Board, call: CallRecord, at: number, desk: Desk): Board {
  const known = cardOf(board, call.id);
  if (known === undefined || known.pop.call.revision > call.revision) return board;
  const next = put(board, { ...known, pop: { ...known.pop, call } });
  if (known.phase !== "ended" || desk.hasDraft(call.id) || desk.writingIn === call.id) return next;
  // said on another page of this person
  const said = call.wrap_ups.some((one) => one.agent === desk.login && one.disposition !== null);
  return said ? saved(next, call.id, desk.now ?? at) : next;
}

function ended(board: Board, call: CallRecord, at: number, desk: Desk): Board {
  const next = amended(board, call, at, desk);
  const known = cardOf(next, call.id);
  if (known?.phase === "talk") return over(next, call.id, "ended", null, at);
  if (known?.phase !== "ring") return next;
  return over(next, call.id, "gone", call.ended_by === "caller" ? "caller_left" : "timeout", at);
}

type Phone = Extract<Frame, { type: "presence" }>["data"]["items"][number];

/** A phone says that it holds: of the one call that it has, whoever pressed the key. */
function phones(board: Board, items: readonly Phone[]): Board {
  let next = board;
  for (const phone of items) {
    const here = board.cards.filter(
      (card) => card.phase === "talk" && card.pop.extension === phone.extension,
    );
    const [card] = here;
    if (card === undefined || here.length > 1) continue;
    const since =
      phone.state !== "on_hold" ? null : (card.heldSince ?? Date.parse(phone.since ?? ""));
    const held = since !== null && Number.isNaN(since) ? card.since : since;
    if (held !== card.heldSince) next = put(next, { ...card, heldSince: held });
  }
  return next;
}

/** Calls in which somebody here talked and which are over now. */
export function justEnded(before: Board, after: Board): Card[] {
  return after.cards.filter(
    (card) => card.phase === "ended" && cardOf(before, card.callId)?.phase === "talk",
  );
}

/** What is over: the outcome is asked for where a customer was talked to, else one line says it. */
function over(
  board: Board,
  callId: string,
  into: "ended" | "gone",
  reason: GoneReason | null,
  at: number,
): Board {
  const known = cardOf(board, callId);
  if (known === undefined) return board;
  const inside = known.pop.call.direction === "internal" && known.pop.contact === null;
  const phase = into === "ended" && inside ? "gone" : into;
  const leaveAt = phase === "gone" ? at + (reason === "merged" ? 0 : GONE_MS) : null;
  return put(board, { ...known, phase, reason, pops: {}, since: at, heldSince: null, leaveAt });
}

/** The card of a call whose outcome was saved turns into a line and leaves. */
export function saved(board: Board, callId: string, at: number): Board {
  const known = cardOf(board, callId);
  if (known === undefined) return board;
  return put(board, {
    ...known,
    phase: "gone",
    reason: "saved",
    since: at,
    leaveAt: at + SAVED_MS,
  });
}

/** Put away by hand. */
export function dismissed(board: Board, callId: string): Board {
  return without(board, (card) => card.callId === callId);
}

/** Our own hold or resume, before the daemon tells it. */
export function holding(board: Board, callId: string, since: number | null): Board {
  const known = cardOf(board, callId);
  return known === undefined ? board : put(board, { ...known, heldSince: since });
}

/** Open a card that is only its state line. */
export function opened(board: Board, callId: string): Board {
  return cardOf(board, callId) === undefined ? board : { ...board, open: callId };
}

/** What is drawn now, in the order the calls came; what went elsewhere moves nothing above it. */
export function shownAt(board: Board, now: number): Board {
  const due = board.cards.filter((card) => card.showAt <= now);
  const here = due.filter((card) => card.phase !== "gone");
  const gone = due.filter((card) => card.phase === "gone");
  const waiting = due.length < board.cards.length;
  return { cards: [...here, ...gone], open: waiting ? opening(due, board.open) : board.open };
}

/** What time alone changes: lines leave, unless something typed there is not sent. */
export function passed(board: Board, now: number, desk: Desk): Board {
  const leaves = (card: Card) =>
    card.leaveAt !== null &&
    card.leaveAt <= now &&
    (card.reason === "saved" || card.reason === "merged" || !desk.hasDraft(card.callId)) &&
    desk.writingIn !== card.callId;
  const old = board.cards.filter((card) => card.phase === "ended" && !desk.hasDraft(card.callId));
  const tooMany = new Set(old.slice(0, Math.max(0, old.length - ENDED_KEPT)));
  return without(board, (card) => leaves(card) || tooMany.has(card));
}

/** When time alone changes something next; null: never. */
export function nextChange(board: Board, now: number): number | null {
  const times = board.cards.flatMap((card) => [
    ...(card.showAt > now ? [card.showAt] : []),
    ...(card.leaveAt === null ? [] : [Math.max(card.leaveAt, now + 500)]),
  ]);
  return times.length === 0 ? null : Math.min(...times);
}

/** Everything that lives is told again: what has ended here is kept, it is told no more. */
export function forgotten(board: Board): Board {
  return without(board, (card) => card.phase === "ring" || card.phase === "talk");
}

/**
 * The frames that show this moment, heard as one change: a card that is told again is the same card,
 * so that whoever writes on it goes on writing.
 */
export function retold(board: Board, frames: readonly Frame[], desk: Desk): Board {
  const next = frames.reduce((so, frame) => heard(so, frame, desk), forgotten(board));
  const cards = next.cards.map((card) => {
    const before = cardOf(board, card.callId);
    return before === undefined ? card : { ...card, showAt: Math.min(card.showAt, before.showAt) };
  });
  return { ...next, cards };
}

/** The card of an ended call that this page did not see, for text that was typed before. */
export function restored(board: Board, pop: Pop, at: number): Board {
  if (cardOf(board, pop.call_id) !== undefined) return board;
  const card: Card = {
    callId: pop.call_id,
    pop,
    phase: "ended",
    pops: {},
    since: at,
    heldSince: null,
    showAt: 0,
    leaveAt: null,
    reason: null,
  };
  return { cards: [...board.cards, card], open: board.open ?? card.callId };
}

function held(card: Card, pop: Pop): Card {
  if (pop.held_since === undefined) return card;
  return { ...card, heldSince: pop.held_since === null ? null : Date.parse(pop.held_since) };
}

/** A pop replaces a pop whole; its record may still be older than what `call.updated` told. */
function newer(before: Pop, after: Pop): Pop {
  const call = before.call.revision > after.call.revision ? before.call : after.call;
  return after.call === call ? after : { ...after, call };
}

/** A new call is opened, unless somebody writes on another card: that one stays as it is. */
function lifted(board: Board, callId: string, desk: Desk): Board {
  const writing = desk.writingIn !== null && desk.writingIn !== callId;
  return writing && cardOf(board, desk.writingIn ?? "") !== undefined
    ? board
    : { ...board, open: callId };
}

function put(board: Board, card: Card): Board {
  const known = board.cards.some((other) => other.callId === card.callId);
  const cards = known
    ? board.cards.map((other) => (other.callId === card.callId ? card : other))
    : [...board.cards, card];
  return { cards, open: opening(cards, board.open) };
}

function without(board: Board, leaves: (card: Card) => boolean): Board {
  const cards = board.cards.filter((card) => !leaves(card));
  return cards.length === board.cards.length ? board : { cards, open: opening(cards, board.open) };
}

/** The open card stays while it lives; then the one that needs somebody most. */
function opening(cards: readonly Card[], open: string | null): string | null {
  const current = cards.find((card) => card.callId === open);
  if (current !== undefined && current.phase !== "gone") return open;
  let best: Card | undefined;
  for (const card of cards) {
    if (best === undefined || RANK[card.phase] > RANK[best.phase]) best = card;
  }
  return best === undefined || best.phase === "gone" ? (current?.callId ?? null) : best.callId;
}
