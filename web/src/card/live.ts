/** The surroundings of a card on the real desk: what the daemon tells, by queries and frames. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { get } from "../api/client";
import { serverNow } from "../api/clock";
import { KEYS, useAgents } from "../api/queries";
import { useDesk, useMay } from "../api/store";
import { useLostAt } from "../api/wire";
import { say } from "../app/announcer";
import { available, useAfterCall } from "./afterCall";
import { dismissCard, holdCard, openCard, savedCard } from "./boardStore";
import { commands } from "./commands";
import { useLate } from "./late";
import type { AfterCall } from "./Outcome";
import { peopleOf } from "./people";
import { areSettled } from "./receipts";
import type { Surroundings } from "./surroundings";
import type { Agent, Card, Effect } from "./types";

const NOBODY = { login: "", name: "" };
const NONE: readonly never[] = [];

/** What the desk is set up to: words of outcomes, CRMs, time after a call. */
export function useDeskSettings() {
  return useQuery({
    queryKey: ["desk"],
    queryFn: ({ signal }) => get("/api/v1/desk", { signal }),
    staleTime: 300_000,
  });
}

export function useSurroundingsOfDesk(): Surroundings {
  const me = useDesk((state) => state.me) ?? NOBODY;
  const lostAt = useLostAt();
  const agents: readonly Agent[] = useAgents().data?.items ?? NONE;
  const settings = useDeskSettings().data;
  const queues = useDesk((state) => state.queues);
  const people = useMemo(() => peopleOf(agents), [agents]);
  return useMemo(
    () => ({
      me: { login: me.login, name: me.name },
      now: serverNow,
      lostAt,
      people,
      agents,
      queues: [...queues.values()],
      dispositions: settings?.dispositions ?? NONE,
      crms: (settings?.crms ?? []).map((crm) => ({
        name: crm.name,
        label: crm.label,
        creates: crm.ask_contact ? "contact" : null,
      })),
      wrapUpS: settings?.wrap_up_s ?? 0,
      commands,
      say,
      available,
      onHeld: holdCard,
      onSaved: savedCard,
      onOpen: openCard,
      onDismiss: dismissCard,
    }),
    [me.login, me.name, lostAt, people, agents, queues, settings],
  );
}

export interface LiveFacts {
  readonly receipts: readonly Effect[];
  readonly silent: string | null;
  readonly afterCall: AfterCall | null;
}

/** What is written at the CRMs for a call: asked for when there may be something, until it is settled. */
export function useLiveFacts(card: Card): LiveFacts {
  const over = card.phase === "ended" || card.phase === "gone";
  const may = useMay("outbox:read");
  const asked = may && (card.phase === "talk" || over);
  const query = useQuery({
    queryKey: [...KEYS.outbox, card.callId],
    queryFn: ({ signal }) =>
      get("/api/v1/outbox", { query: { call: card.callId, limit: 20 }, signal }),
    enabled: asked,
    refetchInterval: (state) => {
      const items = state.state.data?.items ?? [];
      return over && !areSettled(items)
        ? Math.min(30_000, 1_500 * 1.5 ** state.state.dataUpdateCount)
        : false;
    },
  });
  const late = useLate(asked && query.data === undefined, 2_000);
  const crm = card.pop.contact?.crm ?? "CRM";
  const afterCall = useAfterCall();
  return {
    receipts: query.data?.items ?? NONE,
    silent: late ? crm.charAt(0).toUpperCase() + crm.slice(1) : null,
    afterCall,
  };
}
