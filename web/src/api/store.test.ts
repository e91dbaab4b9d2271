import { expect, test } from "vitest";
import type { CallRecord, Queue } from "./shapes";
import { type DeskState, heardBy, NOTHING } from "./store";
import type { Heard } from "./stream";

const call = (id: string, revision: number, state: "live" | "ended" = "live") =>
  ({ id, revision, state }) as CallRecord;
const frame = (type: string, data: unknown) =>
  ({ type, seq: 1, at: "2026-11-22T10:00:00Z", data }) as Heard;
const after = (...frames: Heard[]): DeskState => frames.reduce(heardBy, NOTHING);

test("five calls at once are five calls", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const state = after(...ids.map((id) => frame("call.updated", call(id, 1))));
  expect([...state.calls.keys()]).toEqual(ids);
});

test("a record that is older than what is known changes nothing", () => {
  const state = after(frame("call.updated", call("a", 3)), frame("call.updated", call("a", 2)));
  expect(state.calls.get("a")?.revision).toBe(3);
});

test("a call that has ended does not come back by a frame that is late", () => {
  const state = after(
    frame("call.updated", call("a", 1)),
    frame("call.ended", call("a", 2, "ended")),
    frame("pop.updated", { call: call("a", 1) }),
  );
  expect(state.calls.size).toBe(0);
});

test("a queue that is gone leaves the figures", () => {
  const queue = { pbx: "hq", queue: "sales", waiting: [], members: [] } as unknown as Queue;
  const state = after(
    frame("queue.updated", queue),
    frame("queue.updated", { pbx: "hq", queue: "sales", gone: true }),
  );
  expect(state.queues.size).toBe(0);
});

test("a new beginning forgets all but who is signed in", () => {
  const me = { login: "anna" } as DeskState["me"];
  const state = heardBy({ ...after(frame("call.updated", call("a", 1))), me }, { type: "reset" });
  expect(state).toEqual({ ...NOTHING, me });
});
