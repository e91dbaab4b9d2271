import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { CallRecord } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { usePages, useRowKeys } from "../lists";
import { PageHead, Panel, Segments, Split } from "../parts/Layout";
import { Empty, Failed, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { CallDetail } from "./CallDetail";
import { CallRows } from "./CallRows";
import { FILTERS, type Filter, Filters } from "./Filters";
import { useGaps } from "./gaps";
import { lacksWrapUp } from "./said";

const AT_ONCE = 100;
const DAY = 86_400_000;

type View = "all" | "mine" | "without";

/** What is asked of the daemon for a filter; days are those of this computer. */
export function queryOf(filter: Filter) {
  const day = (text: string, after: number) =>
    new Date(new Date(`${text}T00:00:00`).getTime() + after).toISOString();
  return {
    ...(filter.from ? { from: day(filter.from, 0) } : {}),
    ...(filter.to ? { to: day(filter.to, DAY) } : {}),
    ...(filter.number?.trim() ? { number: filter.number.trim() } : {}),
    ...(filter.direction ? { direction: filter.direction as CallRecord["direction"] } : {}),
    ...(filter.outcome ? { outcome: filter.outcome as NonNullable<CallRecord["outcome"]> } : {}),
    ...(filter.queue ? { queue: filter.queue } : {}),
    ...(filter.agent ? { agent: filter.agent } : {}),
  };
}

/** The calls one may see, newest first, with a detail beside them. */
export default function CallsPage({ id }: { id: string | null }) {
  const { calls } = useT().pages;
  const [params, setParams] = useSearchParams();
  const [, go] = useLocation();
  const me = useMe();
  const view = viewOf(params.get("view"));
  const filter: Filter = Object.fromEntries(
    FILTERS.map((name) => [name, params.get(name) ?? ""]).filter(([, value]) => value),
  );
  const [filtering, setFiltering] = useState(Object.keys(filter).length > 0);
  const asked = queryOf(view === "all" ? filter : { ...filter, agent: me.login });
  const found = usePages([...KEYS.calls, "list", asked], (at, signal) =>
    get("/api/v1/calls", { query: { ...asked, limit: AT_ONCE, ...at }, signal }),
  );
  const rows =
    view === "without" ? found.items.filter((one) => lacksWrapUp(one, me.login)) : found.items;
  const shown = id ?? rows[0]?.id ?? null;
  const search = params.size > 0 ? `?${params}` : "";
  const open = (next: string) => go(`/calls/${next}${search}`, { replace: true });
  useRowKeys(
    rows.map((one) => one.id),
    shown,
    open,
  );
  const show = (next: View, with_: Filter) =>
    setParams({ ...with_, ...(next === "all" ? {} : { view: next }) });
  return (
    <>
      <PageHead title={calls.title} lead={calls.lead} />
      <Split
        chosen={id !== null}
        home={`/calls${search}`}
        list={
          <Panel label={calls.list}>
            <div className={parts.tools}>
              <Segments
                label={calls.which}
                value={view}
                onChange={(next) => show(next, filter)}
                options={[
                  { value: "all", label: calls.anyF },
                  { value: "mine", label: calls.mine },
                  { value: "without", label: calls.noOutcome },
                ]}
              />
              <Button
                icon="search"
                small
                aria-expanded={filtering}
                onClick={() => setFiltering(!filtering)}
              >
                {calls.filters}
              </Button>
              {filtering && (
                <Filters
                  key={params.toString()}
                  value={filter}
                  onChange={(next) => show(view, next)}
                />
              )}
            </div>
            <Stale />
            <List
              found={found}
              rows={rows}
              view={view}
              filter={filter}
              chosen={shown}
              search={search}
            />
          </Panel>
        }
        detail={shown !== null && <Detail id={shown} known={rows} />}
      />
    </>
  );
}

function viewOf(text: string | null): View {
  return text === "mine" || text === "without" ? text : "all";
}

interface ListProps {
  found: ReturnType<typeof usePages<{ items: CallRecord[]; next: string | null }>>;
  rows: readonly CallRecord[];
  view: View;
  filter: Filter;
  chosen: string | null;
  search: string;
}

function List({ found, rows, view, filter, chosen, search }: ListProps) {
  const { calls, common } = useT().pages;
  const gaps = useGaps().data?.items ?? [];
  const filtered = Object.keys(filter).length > 0;
  if (found.error) return <Failed error={found.error} retry={found.retry} />;
  const none = view === "without" ? calls.noneWithout : filtered ? calls.noneFound : calls.none;
  return (
    <>
      {!found.pending && rows.length === 0 && <Empty>{none}</Empty>}
      <CallRows
        calls={rows}
        gaps={filtered || view !== "all" ? [] : gaps}
        chosen={chosen}
        search={search}
      />
      {found.hasMore && (
        <div className={parts.pad}>
          <Button onClick={found.more} disabled={found.fetching}>
            {common.more}
          </Button>
        </div>
      )}
    </>
  );
}

function Detail({ id, known }: { id: string; known: readonly CallRecord[] }) {
  const { calls, call } = useT().pages;
  const listed = known.find((one) => one.id === id);
  const found = useQuery({
    queryKey: [...KEYS.calls, id],
    queryFn: ({ signal }) => get("/api/v1/calls/{id}", { path: { id }, signal }),
    enabled: listed === undefined,
  });
  const record = listed ?? found.data;
  if (record) return <CallDetail key={id} call={record} />;
  if (!found.isError) return null;
  return (
    <Panel label={call.detail}>
      <Empty>{calls.notFound}</Empty>
    </Panel>
  );
}
