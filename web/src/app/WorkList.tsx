import { type ReactNode, useId } from "react";
import { Link, useLocation } from "wouter";
import { useAgents, useContact } from "../api/queries";
import type { MissedCustomer, Promised } from "../api/shapes";
import { useMay } from "../api/store";
import { openCard } from "../card/boardStore";
import { peopleOf } from "../card/people";
import { useT } from "../i18n";
import { about, clock, phone } from "../i18n/format";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { Timer, useNow } from "../ui/Timer";
import style from "./WorkList.module.css";
import {
  type CallRow,
  useCardRows,
  useMissedShown,
  useOtherRows,
  usePromisesToday,
  useQueueFigures,
} from "./work";

const OTHERS_SHOWN = 8;

/** What there is to do: live calls, promises of today, customers to call back, the queue. */
export function WorkList() {
  const t = useT().app;
  const mayPromises = useMay("contacts:read");
  const mayMissed = useMay("calls:read");
  return (
    <aside className={style.list} aria-label={t.work}>
      <LiveCalls />
      {mayPromises && <PromisesToday />}
      {mayMissed && <ToCallBack />}
      <QueueFoot />
    </aside>
  );
}

function Part({ title, n, children }: { title: string; n: number | null; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className={style.head}>
        {title} <span className="num">{n}</span>
      </h2>
      {children}
    </section>
  );
}

function LiveCalls() {
  const t = useT().app;
  const cards = useCardRows();
  const others = useOtherRows();
  const hidden = others.length - OTHERS_SHOWN;
  return (
    <Part title={t.live} n={cards.length + others.length}>
      {cards.length + others.length === 0 && <p className={style.none}>{t.liveNone}</p>}
      <ul>
        {cards.map((row) => (
          <li key={row.id}>
            <CardRow row={row} />
          </li>
        ))}
        {others.slice(0, OTHERS_SHOWN).map((row) => (
          <li key={row.id} className={style.row}>
            <RowBody row={row} />
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <p className={style.none}>
          <Link href="/calls">{t.more(hidden)}</Link>
        </p>
      )}
    </Part>
  );
}

function CardRow({ row }: { row: CallRow }) {
  const [location, go] = useLocation();
  const open = () => {
    openCard(row.id);
    if (location !== "/") go("/");
  };
  const look = row.look === "open" ? style.on : row.look === "live" ? style.held : "";
  return (
    <button
      type="button"
      className={`${style.row} ${look}`}
      aria-current={row.look === "open" ? "true" : undefined}
      onClick={open}
    >
      <RowBody row={row} />
    </button>
  );
}

function RowBody({ row }: { row: CallRow }) {
  return (
    <>
      <Icon name={row.icon} tone={row.tone} />
      <Name className={`${style.title} cut`}>{row.name}</Name>
      <span className={style.when}>
        {row.until === null ? <Timer since={row.since} /> : clock(row.until)}
      </span>
      <span className={`${style.sub} cut`} dir="auto">
        {row.words}
      </span>
    </>
  );
}

function PromisesToday() {
  const t = useT().app;
  const { total, shown } = usePromisesToday();
  return (
    <Part title={t.promisesToday} n={total}>
      {total === 0 && <p className={style.none}>{t.promisesNone}</p>}
      <ul>
        {shown.map((promise) => (
          <li key={promise.id}>
            <PromiseRow promise={promise} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

const SOON_MS = 30 * 60_000;

function PromiseRow({ promise }: { promise: Promised }) {
  const t = useT().app;
  const left = Date.parse(promise.due_at) - useNow();
  const tone = left < 0 ? "risk" : left < SOON_MS ? "warn" : undefined;
  const when = left < 0 ? t.overdue : left < 2 * SOON_MS ? t.dueIn(about(left)) : "";
  const contact = useContact(promise.contact_id);
  const number = promise.number === null ? "" : phone(promise.number);
  const name = contact?.name ?? contact?.company ?? number;
  return (
    <Link href="/promises" className={style.row ?? ""}>
      <Icon name="flag" tone={tone} />
      <Name className={`${style.title} cut`}>{name || promise.text}</Name>
      <span className={`${style.when} num ${tone ?? ""}`}>{clock(promise.due_at)}</span>
      <span className={`${style.sub} cut`} dir="auto">
        {[name ? promise.text : "", when].filter(Boolean).join(", ") || "\u00a0"}
      </span>
    </Link>
  );
}

function ToCallBack() {
  const t = useT().app;
  const { total, shown } = useMissedShown();
  return (
    <Part title={t.toCallBack} n={total}>
      {total === 0 && <p className={style.none}>{t.toCallBackNone}</p>}
      <ul>
        {shown.map((customer) => (
          <li key={customer.id}>
            <MissedRow customer={customer} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function MissedRow({ customer }: { customer: MissedCustomer }) {
  const t = useT().app;
  const people = peopleOf(useAgents().data?.items ?? []);
  const now = useNow();
  const { contact, claimed_by: by } = customer;
  const risk = contact?.at_risk === true || customer.reasons.includes("at_risk");
  const words = by
    ? t.takenBy(people.byLogin(by))
    : [t.attempts(customer.attempts), ...customer.queues];
  return (
    <Link href={`/missed/${customer.id}`} className={style.row ?? ""}>
      <Icon name="miss" tone={risk ? "risk" : undefined} />
      <Name className={`${style.title} cut`}>
        {contact?.name ?? contact?.company ?? phone(customer.number)}
      </Name>
      <span className={`${style.when} num`}>{about(now - Date.parse(customer.last_at))}</span>
      <span className={`${style.sub} cut`} dir="auto">
        {Array.isArray(words) ? words.slice(0, 2).join(", ") : words}
      </span>
    </Link>
  );
}

function QueueFoot() {
  const t = useT().app;
  const figures = useQueueFigures();
  if (figures === null) return null;
  return (
    <dl className={`${style.foot} ${figures.stale ? "dim" : ""}`}>
      <div>
        <dt className="cut">{figures.name === null ? t.stripQueue : t.queue(figures.name)}</dt>
        <dd className="num">
          <b>{t.waitingIn(figures.waiting)}</b>
        </dd>
      </div>
      <div>
        <dt>{t.longestWait}</dt>
        <dd>{figures.longestSince === null ? "0" : <Timer since={figures.longestSince} />}</dd>
      </div>
      <div>
        <dt>{t.free}</dt>
        <dd className="num">{t.of(figures.free, figures.members)}</dd>
      </div>
    </dl>
  );
}
