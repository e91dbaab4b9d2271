import { useState } from "react";
import { useLocation } from "wouter";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { MissedCustomer } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useT } from "../../i18n";
import { day } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { useNow } from "../../ui/Timer";
import { dayKey } from "../format";
import { usePages, useRowKeys } from "../lists";
import { PageHead, Panel, Segments, Split } from "../parts/Layout";
import { Empty, Failed, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import style from "./Missed.module.css";
import { MissedDetail } from "./MissedDetail";
import { MissedRow } from "./MissedRow";

const AT_ONCE = 200;

type View = "all" | "mine" | "free" | "closed";

function useList(state: "open" | "closed") {
  return usePages([...KEYS.missed, "list", state], (at, signal) =>
    get("/api/v1/missed", { query: { state, limit: AT_ONCE, ...at }, signal }),
  );
}

/** Customers who called and were not reached since: a row for each, the most urgent first. */
export default function MissedPage({ id }: { id: string | null }) {
  const { missed } = useT().pages;
  const me = useMe();
  const [, go] = useLocation();
  const [view, setView] = useState<View>("all");
  const open = useList("open");
  const closed = useList("closed");
  const of: Record<View, readonly MissedCustomer[]> = {
    all: open.items,
    mine: open.items.filter((one) => one.claimed_by === me.login),
    free: open.items.filter((one) => one.claimed_by === null),
    closed: closed.items,
  };
  const list = view === "closed" ? closed : open;
  const rows = of[view];
  const item = [...open.items, ...closed.items].find((one) => one.id === id) ?? null;
  const shown = item ?? (id === null ? (rows[0] ?? null) : null);
  useRowKeys(
    rows.map((one) => one.id),
    shown?.id ?? null,
    (next) => go(`/missed/${next}`, { replace: true }),
  );
  const count = (name: View) => (open.pending || open.hasMore ? null : of[name].length);
  return (
    <>
      <PageHead title={missed.title} lead={missed.lead} />
      <Split
        chosen={id !== null}
        home="/missed"
        list={
          <Panel label={missed.list}>
            <div className={parts.tools}>
              <Segments
                label={missed.which}
                value={view}
                onChange={setView}
                options={[
                  { value: "all", label: missed.all, n: open.first?.total ?? null },
                  { value: "mine", label: missed.mine, n: count("mine") },
                  { value: "free", label: missed.free, n: count("free") },
                  { value: "closed", label: missed.closed },
                ]}
              />
              <span className={parts.order}>{view === "closed" ? null : missed.order}</span>
            </div>
            <Stale />
            {list.error && <Failed error={list.error} retry={list.retry} />}
            {rows.length > 0 && <Rows rows={rows} chosen={shown?.id ?? null} />}
            {!list.pending && !list.error && rows.length === 0 && (
              <Nothing view={view} closed={closed.items} />
            )}
            <Foot list={list} open={open} closed={closed} />
          </Panel>
        }
        detail={
          shown !== null ? (
            <MissedDetail key={shown.id} item={shown} />
          ) : (
            id !== null &&
            !open.pending &&
            !closed.pending && (
              <Panel label={missed.customer}>
                <Empty>{missed.gone}</Empty>
              </Panel>
            )
          )
        }
      />
    </>
  );
}

function Rows({ rows, chosen }: { rows: readonly MissedCustomer[]; chosen: string | null }) {
  const { missed } = useT().pages;
  return (
    <table className={style.table}>
      <thead>
        <tr>
          <th scope="col">{missed.customer}</th>
          <th scope="col">{missed.why}</th>
          <th scope="col" className={style.wide}>
            {missed.attempts}
          </th>
          <th scope="col" className={style.r}>
            {missed.since}
          </th>
          <th scope="col" className={style.wide}>
            {missed.takenBy}
          </th>
          <th scope="col">
            <span className="vh">{missed.action}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <MissedRow key={one.id} item={one} chosen={one.id === chosen} />
        ))}
      </tbody>
    </table>
  );
}

type List = ReturnType<typeof useList>;

/** How many were closed today; null if that is not known. */
function closedToday(closed: readonly MissedCustomer[], now: number): number {
  const today = dayKey(now);
  return closed.filter((one) => one.closed_at !== null && dayKey(one.closed_at) === today).length;
}

function Nothing({ view, closed }: { view: View; closed: readonly MissedCustomer[] }) {
  const { missed } = useT().pages;
  const n = closedToday(closed, useNow());
  const words = {
    all: n > 0 ? missed.noneClosedToday(n) : missed.none,
    mine: missed.noneMine,
    free: missed.noneFree,
    closed: missed.noneClosed,
  };
  return <Empty>{words[view]}</Empty>;
}

function Foot({ list, open, closed }: { list: List; open: List; closed: List }) {
  const { missed, common } = useT().pages;
  const now = useNow();
  const withheld = open.first?.withheld;
  const known = !closed.pending && closed.error === null;
  return (
    <>
      {list.hasMore && (
        <div className={parts.pad}>
          <Button onClick={list.more} disabled={list.fetching}>
            {common.more}
          </Button>
        </div>
      )}
      <p className={parts.foot}>
        <span>
          {missed.closedToday}{" "}
          <b className="num">{known ? closedToday(closed.items, now) : common.unknown}</b>
        </span>
        {withheld && withheld.count > 0 && (
          <span>{missed.withheld(withheld.count, day(withheld.since, now))}</span>
        )}
      </p>
    </>
  );
}
