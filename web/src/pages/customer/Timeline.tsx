import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { get } from "../../api/client";
import type { TimelineItem } from "../../api/shapes";
import { onFrame } from "../../api/stream";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { usePages } from "../lists";
import { Panel, Segments } from "../parts/Layout";
import { Empty, Failed, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { DayThread } from "../parts/Thread";
import { isFriction } from "./entry";

const AT_ONCE = 100;
const FRESH_PAGES = 3;

/** Where a customer's history is kept. */
export const timelineKey = (contact: string) => ["timeline", contact];

type View = "all" | "calls" | "written" | "friction";

const SHOWS: Record<View, (item: TimelineItem) => boolean> = {
  all: () => true,
  calls: (item) => item.kind === "call",
  written: (item) => item.kind === "interaction",
  friction: isFriction,
};

/** The entries of a customer, newest first, read as somebody asks for more. */
export function useTimeline(contact: string) {
  const client = useQueryClient();
  useEffect(
    () =>
      onFrame((heard) => {
        const theirs =
          heard.type === "reset" ||
          ((heard.type === "call.updated" || heard.type === "call.ended") &&
            heard.data.contact?.id === contact);
        const pages = client.getQueryData<{ pages: unknown[] }>(timelineKey(contact))?.pages;
        // who has read far back is not made to read all of it again
        if (theirs && (pages?.length ?? 0) <= FRESH_PAGES) {
          void client.invalidateQueries({ queryKey: timelineKey(contact) });
        }
      }),
    [client, contact],
  );
  return usePages(timelineKey(contact), (at, signal) =>
    get("/api/v1/contacts/{id}/timeline", {
      path: { id: contact },
      query: { limit: AT_ONCE, ...at },
      signal,
    }),
  );
}

/** One thread through the days, over all channels. */
export function Timeline({ contact }: { contact: string }) {
  const { customer, common } = useT().pages;
  const [view, setView] = useState<View>("all");
  const found = useTimeline(contact);
  const shown = useMemo(() => found.items.filter(SHOWS[view]), [found.items, view]);
  // a part's count would be one of what is loaded, not of what there is
  const count = (name: View) =>
    found.pending || found.hasMore ? null : found.items.filter(SHOWS[name]).length;
  return (
    <Panel label={customer.history}>
      <div className={parts.tools}>
        <Segments
          label={customer.filter}
          value={view}
          onChange={setView}
          options={[
            { value: "all", label: customer.everything, n: count("all") },
            { value: "calls", label: customer.calls, n: count("calls") },
            { value: "written", label: customer.written, n: count("written") },
            { value: "friction", label: customer.friction, n: count("friction") },
          ]}
        />
        <span className={parts.order}>
          {found.hasMore ? customer.shown(found.items.length) : null}
        </span>
      </div>
      <Stale />
      {found.error && <Failed error={found.error} retry={found.retry} />}
      {!found.pending && !found.error && shown.length === 0 && (
        <Empty>{found.items.length === 0 ? customer.first : customer.noneOfKind}</Empty>
      )}
      <div className={parts.pad}>
        <DayThread items={shown} />
        {found.hasMore && (
          <Button onClick={found.more} disabled={found.fetching}>
            {common.more}
          </Button>
        )}
      </div>
    </Panel>
  );
}
