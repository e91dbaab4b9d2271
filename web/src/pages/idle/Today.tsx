import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { get } from "../../api/client";
import { KEYS, useMissed, usePromises } from "../../api/queries";
import { useMe } from "../../api/store";
import { useT } from "../../i18n";
import { moment } from "../../i18n/format";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { lacksWrapUp, otherName } from "../calls/said";
import { age, dayTitle } from "../format";
import { customerName } from "../missed/MissedRow";
import { whyNow } from "../missed/why";
import { PageHead, Panel } from "../parts/Layout";
import { Empty, Failed } from "../parts/Notice";
import { PromiseRows } from "../promises/PromiseRows";
import { Checklist } from "./FirstDay";
import style from "./Idle.module.css";

const SHOWN = 5;
const RECENT = 30;

/** A later day without a call: what was promised, who waits, what still lacks its outcome. */
export function Today() {
  const { idle, people } = useT().pages;
  const now = useNow();
  return (
    <>
      <PageHead title={dayTitle(now, now)} lead={idle.lead} />
      <div className={style.lists}>
        <MyPromises />
        <Waiting />
        <WithoutOutcome />
        <Panel
          label={idle.state}
          title={idle.state}
          end={<Link href="/colleagues">{people.title}</Link>}
        >
          <div className={style.rows}>
            <Checklist />
          </div>
        </Panel>
      </div>
    </>
  );
}

interface ListProps {
  title: string;
  href: string;
  all: string | null;
  children: ReactNode;
}

function List({ title, href, all, children }: ListProps) {
  return (
    <Panel label={title} title={title} end={all && <Link href={href}>{all}</Link>}>
      {children}
    </Panel>
  );
}

function MyPromises() {
  const { idle, promises } = useT().pages;
  const me = useMe();
  const found = usePromises(me.login);
  const items = found.data?.items ?? [];
  return (
    <List
      title={idle.promises}
      href="/promises"
      all={items.length > SHOWN ? idle.all(items.length) : promises.title}
    >
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && items.length === 0 && <Empty>{promises.none}</Empty>}
      <div className={style.rows}>
        <PromiseRows items={items.slice(0, SHOWN)} />
      </div>
    </List>
  );
}

function Waiting() {
  const words = useT().pages;
  const now = useNow();
  const found = useMissed();
  const items = found.data?.items ?? [];
  return (
    <List
      title={words.idle.missed}
      href="/missed"
      all={found.data ? words.idle.allMissed(found.data.total) : null}
    >
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && items.length === 0 && <Empty>{words.missed.none}</Empty>}
      <ul className={style.rows}>
        {items.slice(0, SHOWN).map((one) => {
          const why = whyNow(one, now, words);
          return (
            <li key={one.id}>
              <Link className={style.row} href={`/missed/${one.id}`}>
                <Icon name={why.icon} tone={why.tone} />
                <span>
                  <b>
                    <Name>{customerName(one)}</Name>
                  </b>
                  <span className={style.s}>{why.text}</span>
                </span>
                <span className="num dim">{age(now - Date.parse(one.last_at))}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </List>
  );
}

function WithoutOutcome() {
  const words = useT().pages;
  const me = useMe();
  const now = useNow();
  const found = useQuery({
    queryKey: [...KEYS.calls, "recent", me.login],
    queryFn: ({ signal }) =>
      get("/api/v1/calls", {
        query: { agent: me.login, state: "ended", outcome: "answered", limit: RECENT },
        signal,
      }),
  });
  const items = (found.data?.items ?? []).filter((one) => lacksWrapUp(one, me.login));
  if (items.length === 0) return null;
  return (
    <List
      title={words.idle.withoutOutcome}
      href="/calls?view=without"
      all={items.length > SHOWN ? words.idle.all(items.length) : null}
    >
      <ul className={style.rows}>
        {items.slice(0, SHOWN).map((one) => (
          <li key={one.id}>
            <Link className={style.row} href={`/calls/${one.id}?view=without`}>
              <Icon name="note" tone="dim" />
              <b>
                <Name>{otherName(one, words)}</Name>
              </b>
              <span className="num dim">
                {one.started_at === null ? words.common.unknown : moment(one.started_at, now)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </List>
  );
}
