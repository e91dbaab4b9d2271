import type { Queue } from "../../api/shapes";

type Member = Queue["members"][number];

/** A queue and how somebody's phone serves it; `member` null: not at this moment. */
export interface Served {
  queue: Queue;
  member: Member | null;
}

/** Whether somebody takes calls of queues: `direct` is in none, calls to the extension ring. */
export type Presence =
  | { kind: "available" }
  | { kind: "direct" }
  | { kind: "paused"; reason: string | null; since: string | null };

/** The queues as somebody with these extensions serves them. */
export function servedBy(queues: Iterable<Queue>, extensions: readonly string[]): Served[] {
  return [...queues]
    .map((queue) => ({
      queue,
      member:
        queue.members.find((one) => one.extension !== null && extensions.includes(one.extension)) ??
        null,
    }))
    .sort((a, b) => a.queue.queue.localeCompare(b.queue.queue));
}

/** Whether somebody is available: paused only if they are in every queue they serve. */
export function presenceOf(served: readonly Served[]): Presence {
  const members = served.map((one) => one.member).filter((one) => one !== null);
  const [first] = members;
  if (first === undefined) return { kind: "direct" };
  if (!members.every((one) => one.paused)) return { kind: "available" };
  return { kind: "paused", reason: first.pause_reason, since: first.paused_since };
}

/** Which of somebody's phones a break concerns: those that serve queues, wherever they sit. */
export function serving(queues: Iterable<Queue>, extensions: readonly string[]): string[] {
  const members = [...queues].flatMap((queue) => queue.members.map((one) => one.extension));
  return [...new Set(extensions)].filter((one) => members.includes(one));
}

/** How many of a queue's people could take a call now. */
export function freeIn(queue: Queue): number {
  return queue.members.filter((one) => !one.paused && one.state === "idle").length;
}
