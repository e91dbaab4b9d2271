import { describe, expect, it } from "vitest";
import {
  type Board,
  cardOf,
  type Desk,
  dismissed,
  EMPTY,
  ENDED_KEPT,
  forgotten,
  GONE_MS,
  heard,
  justEnded,
  passed,
  retold,
  saved,
  shownAt,
} from "./board";
import { NOW, record } from "./gallery/calls";
import * as pops from "./gallery/pops";
import type { CallRecord, Frame, Pop } from "./types";

const AT = new Date(NOW).toISOString();

function numbered(n: number, part: Partial<CallRecord> = {}): Pop {
  const id = `0198c0de-0000-7000-8000-0000000002${String(n).padStart(2, "0")}`;
  const call = { ...record(part), id };
  return { ...pops.known, pop_id: `pop-${n}`, call_id: id, call };
}

const offered = (pop: Pop, at = AT): Frame => ({ type: "pop.offered", seq: 1, at, data: pop });
const answered = (pop: Pop): Frame => ({ type: "pop.answered", seq: 2, at: AT, data: pop });
const over = (pop: Pop, part: Partial<CallRecord> = {}): Frame => ({
  type: "call.ended",
  seq: 3,
  at: AT,
  data: { ...pop.call, state: "ended", revision: 9, ...part },
});
const closed = (pop: Pop, reason: "answered_elsewhere" | "transferred" | "test"): Frame => ({
  type: "pop.closed",
  seq: 4,
  at: AT,
  data: { ...pop, reason },
});

const all = (frames: Frame[], desk?: Desk): Board =>
  frames.reduce((board, frame) => heard(board, frame, desk), EMPTY);
const one = numbered(1);
const two = numbered(2);
const first = (board: Board) => cardOf(board, one.call_id);

describe("the board", () => {
  it("opens a call that rings and folds the one before, each its own card", () => {
    const board = all([offered(one), answered(one), offered(two)]);
    expect(board.cards.map((card) => card.phase)).toEqual(["talk", "ring"]);
    expect(board.open).toBe(two.call_id);
  });

  it("asks no more for an outcome that was said on another page of the same person", () => {
    const board = all([offered(one), answered(one), over(one)]);
    const said = { agent: "anna", disposition: "Risolto", note: null, at: AT };
    const news = (agent: string): Frame => ({
      type: "call.updated",
      seq: 9,
      at: AT,
      data: { ...one.call, state: "ended", revision: 10, wrap_ups: [{ ...said, agent }] },
    });
    const card = (agent: string, draft = false) => {
      const here = { login: "anna", now: NOW + 60_000, writingIn: null, hasDraft: () => draft };
      return first(heard(board, news(agent), here));
    };
    const phases = [card("anna"), card("luca"), card("anna", true)].map((found) => found?.phase);
    expect(phases).toEqual(["gone", "ended", "ended"]);
    expect(card("anna")?.leaveAt).toBeGreaterThan(NOW + 60_000);
  });

  it("leaves the card open on which somebody writes when another call rings", () => {
    const desk = { writingIn: one.call_id, hasDraft: () => true };
    expect(all([offered(one), answered(one), offered(two)], desk).open).toBe(one.call_id);
  });

  it("shows a card only after the phone had time to ring, and nothing else in its place", () => {
    const board = all([offered(one), answered(one), offered(two)]);
    expect(shownAt(board, NOW).cards.map((card) => card.callId)).toEqual([one.call_id]);
    expect(shownAt(board, NOW).open).toBe(one.call_id);
    expect(shownAt(board, NOW + 151).open).toBe(two.call_id);
  });

  it("asks for the outcome of a call that was talked in, once for each phone that knew of it", () => {
    const before = all([offered(one), answered(one)]);
    const after = heard(before, over(one));
    expect(first(after)?.phase).toBe("ended");
    expect(justEnded(before, after)).toHaveLength(1);
    expect(justEnded(after, heard(after, over(one)))).toHaveLength(0);
  });

  it("turns a call that somebody else took into a line that leaves", () => {
    const board = all([offered(one), closed(one, "answered_elsewhere")]);
    expect(first(board)).toMatchObject({ phase: "gone", reason: "answered_elsewhere" });
    expect(
      passed(board, NOW + GONE_MS - 1, { writingIn: null, hasDraft: () => false }).cards,
    ).toHaveLength(1);
    expect(
      passed(board, NOW + GONE_MS, { writingIn: null, hasDraft: () => false }).cards,
    ).toHaveLength(0);
  });

  it("asks for an outcome whoever handed the customer over, not whoever was only consulted", () => {
    const talked = all([offered(one), answered(one), answered(one)]);
    expect(first(heard(talked, closed(one, "transferred")))?.phase).toBe("ended");
    expect(first(heard(talked, closed(one, "answered_elsewhere")))).toMatchObject({
      phase: "gone",
      reason: "answered_elsewhere",
    });
  });

  it("keeps the line while text that was typed there is not sent", () => {
    const board = all([offered(one), closed(one, "answered_elsewhere")]);
    const later = passed(board, NOW + 60_000, { writingIn: null, hasDraft: () => true });
    expect(later.cards).toHaveLength(1);
    expect(dismissed(later, one.call_id).cards).toHaveLength(0);
  });

  it("puts what went elsewhere below, so that the card somebody works on stays where it is", () => {
    const ended = all([offered(one), answered(one), over(one)]);
    const board = [offered(two), closed(two, "answered_elsewhere")].reduce(
      (b, f) => heard(b, f),
      ended,
    );
    expect(board.open).toBe(one.call_id);
    expect(shownAt(board, NOW + 200).cards.map((card) => card.phase)).toEqual(["ended", "gone"]);
  });

  it("says that the caller gave up only where the caller did", () => {
    expect(first(all([offered(one), over(one, { ended_by: "caller" })]))?.reason).toBe(
      "caller_left",
    );
    expect(first(all([offered(one), over(one, { ended_by: "pbx" })]))?.reason).toBe("timeout");
  });

  it("asks for no outcome of a test call, and says what it was", () => {
    const board = all([offered(one), answered(one), closed(one, "test")]);
    expect([first(board)?.phase, first(board)?.reason]).toEqual(["gone", "test"]);
    expect(justEnded(all([offered(one), answered(one)]), board)).toEqual([]);
  });

  it("never goes back to an older record of the call", () => {
    const board = all([
      offered(one),
      over(one),
      { type: "call.updated", seq: 5, at: AT, data: one.call },
    ]);
    expect(first(board)?.pop.call.revision).toBe(9);
  });

  it("rings again as one card when a second phone of the same person is dialled", () => {
    const again = { ...one, pop_id: "pop-1b" };
    const board = all([offered(one), offered(again), closed(one, "transferred")]);
    expect(board.cards).toHaveLength(1);
    expect(first(board)?.phase).toBe("ring");
  });

  it("keeps ended calls over a reconnection, and no more of them than fit", () => {
    const many = Array.from({ length: ENDED_KEPT + 2 }, (_, i) => numbered(10 + i));
    const frames = many.flatMap((pop) => [offered(pop), answered(pop), over(pop)]);
    const board = forgotten(all([...frames, offered(one)]));
    expect(board.cards).toHaveLength(ENDED_KEPT + 2);
    const kept = passed(board, NOW, { writingIn: null, hasDraft: () => false });
    expect(kept.cards.map((card) => card.callId)).toEqual(many.slice(2).map((pop) => pop.call_id));
  });

  it("keeps a card that is told again whole and in sight, and drops what is told no more", () => {
    const before = all([offered(one), answered(one), offered(two)]);
    const later = new Date(NOW + 9_000).toISOString();
    const desk = { writingIn: two.call_id, hasDraft: () => true };
    const board = retold({ ...before, open: two.call_id }, [offered(two, later)], desk);
    expect(board.cards.map((card) => card.callId)).toEqual([two.call_id]);
    expect(board.open).toBe(two.call_id);
    expect(shownAt(board, NOW + 9_000).cards).toHaveLength(1);
    expect(retold(before, [], desk).cards).toEqual([]);
  });

  it("holds the one call that a phone says it holds, and lets it go again", () => {
    const presence = (state: "on_hold" | "in_use"): Frame => ({
      type: "presence",
      seq: 6,
      at: AT,
      data: {
        items: [
          {
            pbx: "hq",
            extension: "1002",
            state,
            registered: true,
            since: AT,
            presence: null,
            stale: false,
          },
        ],
      },
    });
    const board = all([offered(one), answered(one), presence("on_hold")]);
    expect(first(board)?.heldSince).toBe(NOW);
    expect(first(heard(board, presence("in_use")))?.heldSince).toBeNull();
  });

  it("opens the next call that needs somebody when an outcome is saved", () => {
    const board = all([offered(one), answered(one), over(one), offered(two)]);
    const done = saved({ ...board, open: one.call_id }, one.call_id, NOW);
    expect(done.open).toBe(two.call_id);
  });
});
