/**
 * The time after a call: the phone is paused in its queues until the outcome is saved or the time is
 * over. The daemon knows the pause, so a page that is loaded again goes on where it was.
 */

import { useEffect } from "react";
import { post } from "../api/client";
import { serverNow } from "../api/clock";
import { external, usePart } from "../api/external";
import { queryClient } from "../api/queries";
import type { components } from "../api/schema";
import { desk, useDesk } from "../api/store";
import { say } from "../app/announcer";
import { t } from "../i18n";
import { useHouse } from "../pages/house";
import type { AfterCall } from "./Outcome";
import type { Card, Queue } from "./types";

type DeskSettings = components["schemas"]["Desk"];

const MORE_MS = 60_000;
/** What a person added to the time, and what was asked for and is not yet seen. */
const extra = external({ ms: 0 });

function settings(): DeskSettings | undefined {
  return queryClient.getQueryData<DeskSettings>(["desk"]);
}

function ownExtensions(): string[] {
  return (desk.get().me?.extensions ?? []).map((one) => one.extension);
}

interface Paused {
  readonly extension: string;
  readonly since: number;
}

/** Where one of our own phones is paused for this reason, and since when. */
function pausedFor(queues: Iterable<Queue>, own: readonly string[], reason: string): Paused | null {
  for (const queue of queues) {
    for (const member of queue.members) {
      if (member.extension === null || !own.includes(member.extension)) continue;
      if (!member.paused || member.pause_reason !== reason) continue;
      const since = member.paused_since === null ? serverNow() : Date.parse(member.paused_since);
      return { extension: member.extension, since };
    }
  }
  return null;
}

/** A queue's call is over here: pause the phone for its outcome, if it serves a queue and is free. */
export function beginAfterCall(card: Card): void {
  const known = settings();
  const extension = card.pop.extension;
  if (known === undefined || known.wrap_up_s <= 0 || card.pop.call.queue === null) return;
  const members = [...desk.get().queues.values()].flatMap((queue) => queue.members);
  const own = members.filter((one) => one.extension === extension);
  if (own.length === 0 || own.every((one) => one.paused)) return;
  extra.set({ ms: 0 });
  void post("/api/v1/agents/{id}/pause", {
    path: { id: extension },
    body: { reason: known.after_call },
  }).catch(() => undefined);
}

/** Take calls again, if it was the time after a call that paused the phone. */
export function available(): void {
  void resume();
}

/** The same; returns whether the phone was paused for that and no longer is. */
async function resume(): Promise<boolean> {
  const paused = pausedFor(
    desk.get().queues.values(),
    ownExtensions(),
    settings()?.after_call ?? "",
  );
  if (paused === null) return false;
  try {
    await post("/api/v1/agents/{id}/unpause", { path: { id: paused.extension } });
    return true;
  } catch {
    // the pause stays in sight, with the way out of it
    return false;
  }
}

export function useAfterCall(): AfterCall | null {
  const queues = useDesk((state) => state.queues);
  const more = usePart(extra, (value) => value.ms);
  const known = settings();
  const paused =
    known === undefined ? null : pausedFor(queues.values(), ownExtensions(), known.after_call);
  if (paused === null || known === undefined) return null;
  const total = known.wrap_up_s * 1_000 + more;
  return { until: paused.since + total, total, extend: () => extra.set({ ms: more + MORE_MS }) };
}

/**
 * When the time is over the phone takes calls again, whatever page is shown and whether or not there
 * is a card: a browser that went away in that time must not leave the phone paused for the day.
 */
export function AfterCallEnd(): null {
  const inUse = (useHouse()?.wrap_up_s ?? 0) > 0;
  const until = useAfterCall()?.until ?? null;
  useEffect(() => {
    if (until === null || !inUse) return undefined;
    const timer = window.setTimeout(() => void end(), Math.max(500, until - serverNow()));
    return () => window.clearTimeout(timer);
  }, [until, inUse]);
  return null;
}

async function end(): Promise<void> {
  if (await resume()) say(t().pages.presence.resumed);
}
