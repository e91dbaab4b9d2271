import { useMemo } from "react";
import { serverNow } from "../api/clock";
import { useAgents, useMissed, usePromises } from "../api/queries";
import type { CallRecord, MissedCustomer, Promised, Queue } from "../api/shapes";
import { useDesk } from "../api/store";
import { useBoard } from "../card/boardStore";
import { cardName, isHidden, outsideNumber } from "../card/naming";
import { peopleOf } from "../card/people";
import type { Card } from "../card/types";
import { useCardWords } from "../card/words";
import { useT, type Words } from "../i18n";
import { phone } from "../i18n/format";
import type { Tone } from "../ui/Icon";
import type { IconName } from "../ui/icons";

/** A call as a row of the work list. */
export interface CallRow {
  id: string;
  name: string;
  words: string;
  /** What runs beside it: since when, and until when if it is over. */
  since: number;
  until: number | null;
  icon: IconName;
  tone: Tone | undefined;
  look: "open" | "live" | "over";
}

const RECENT_MISSED = 3;
const PROMISES_SHOWN = 3;

function rowOf(card: Card, name: string, open: boolean, t: Words["app"]): CallRow {
  const { call } = card.pop;
  const look = open ? "open" : card.phase === "ended" || card.phase === "gone" ? "over" : "live";
  const base = { id: card.callId, name, until: null, look } as const;
  const queue = call.queue ?? card.pop.line?.label ?? null;
  if (card.phase === "ring") {
    const words = queue === null ? t.rings : `${t.rings}, ${queue}`;
    return { ...base, words, since: card.since, icon: "ring", tone: "acc" };
  }
  if (card.phase === "talk") {
    const held = card.heldSince;
    if (held !== null) return { ...base, words: t.held, since: held, icon: "hold", tone: "warn" };
    return { ...base, words: t.talks, since: card.since, icon: "phone", tone: "ok" };
  }
  const words = card.phase === "ended" ? t.lacksOutcome : t.over;
  const icon = card.phase === "ended" ? "note" : "phone";
  return { ...base, words, since: card.since, until: card.since, icon, tone: undefined };
}

/** The calls that have a card here, in the order they came. */
export function useCardRows(): CallRow[] {
  const t = useT().app;
  const words = useCardWords();
  const board = useBoard((value) => value);
  const agents = useAgents().data?.items;
  return useMemo(() => {
    const people = peopleOf(agents ?? []);
    const now = serverNow();
    return board.cards
      .filter((card) => card.showAt <= now && card.phase !== "gone")
      .map((card) => rowOf(card, cardName(card, words, people), card.callId === board.open, t));
  }, [board, agents, words, t]);
}

/** The other calls one may see: those of colleagues, and one's own that popped nothing. */
export function useOtherRows(): CallRow[] {
  const t = useT().app;
  const calls = useDesk((state) => state.calls);
  const agents = useAgents().data?.items;
  const cards = useBoard((board) => board.cards);
  return useMemo(() => {
    const people = peopleOf(agents ?? []);
    const shown = new Set(cards.map((card) => card.callId));
    return [...calls.values()]
      .filter((call) => !shown.has(call.id))
      .map((call) => otherRow(call, people.byExtension, t));
  }, [calls, agents, cards, t]);
}

function otherRow(
  call: CallRecord,
  byExtension: (extension: string | null) => string,
  t: Words["app"],
): CallRow {
  const number = outsideNumber(call);
  const inside = call.direction === "internal" ? byExtension(call.caller.number) : "";
  const name =
    call.contact?.name ??
    (isHidden(call) ? t.withheld : inside || (number === null ? t.someone : phone(number)));
  const talker = byExtension(call.final_talker ?? call.answered_by);
  const rung = call.rung.at(-1) ?? [];
  const words =
    talker ||
    rung.map((one) => byExtension(one)).join(", ") ||
    (call.queue === null ? t[call.direction] : t.queue(call.queue));
  return {
    id: call.id,
    name,
    words,
    since: Date.parse(call.answered_at ?? call.started_at ?? "") || serverNow(),
    until: null,
    icon: call.answered_at ? "phone" : call.direction === "outbound" ? "out" : "ring",
    tone: call.answered_at ? "ok" : undefined,
    look: "live",
  };
}

/** Promises due today or overdue, the first due first: how many (null: not known), and some. */
export function usePromisesToday(): { total: number | null; shown: Promised[] } {
  const login = useDesk((state) => state.me?.login ?? "");
  const items = usePromises(login).data?.items;
  return useMemo(() => {
    const end = new Date(serverNow());
    end.setHours(24, 0, 0, 0);
    const due = (items ?? []).filter((one) => Date.parse(one.due_at) < end.getTime());
    return { total: items === undefined ? null : due.length, shown: due.slice(0, PROMISES_SHOWN) };
  }, [items]);
}

/** Customers to call back: how many (null: not known), and the most urgent. */
export function useMissedShown(): { total: number | null; shown: MissedCustomer[] } {
  const data = useMissed().data;
  return { total: data?.total ?? null, shown: (data?.items ?? []).slice(0, RECENT_MISSED) };
}

export interface QueueFigures {
  /** The queue's name if there is one only. */
  name: string | null;
  waiting: number;
  longestSince: number | null;
  free: number;
  members: number;
  /** The link is down: figures of then. */
  stale: boolean;
}

/** What the queues show together; null if there are none to see. */
export function useQueueFigures(): QueueFigures | null {
  const queues = useDesk((state) => state.queues);
  return useMemo(() => {
    const seen = mine([...queues.values()]);
    if (seen.length === 0) return null;
    const since = seen.flatMap((queue) => queue.waiting.map((one) => Date.parse(one.since)));
    // who serves two queues is one colleague
    const members = new Map(
      seen.flatMap((queue) => queue.members.map((one) => [one.interface, one] as const)),
    );
    const free = [...members.values()].filter((one) => one.state === "idle" && !one.paused);
    return {
      name: seen.length === 1 ? (seen[0]?.queue ?? null) : null,
      waiting: since.length,
      longestSince: since.length > 0 ? Math.min(...since) : null,
      free: free.length,
      members: members.size,
      stale: seen.some((queue) => queue.stale),
    };
  }, [queues]);
}

function mine(queues: readonly Queue[]): readonly Queue[] {
  return queues.filter((queue) => queue.members.length > 0 || queue.waiting.length > 0);
}
