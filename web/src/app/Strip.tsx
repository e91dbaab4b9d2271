import { Link, useLocation } from "wouter";
import { useDesk, useMay } from "../api/store";
import { openCard } from "../card/boardStore";
import { useT } from "../i18n";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { Timer } from "../ui/Timer";
import { homeOf } from "./places";
import style from "./Strip.module.css";
import { useCardRows, useMissedShown, usePromisesToday, useQueueFigures } from "./work";

/** The work list in one line: live calls as tabs, then what waits. */
export function Strip({ wide }: { wide: boolean }) {
  const t = useT().app;
  const [location, go] = useLocation();
  const rows = useCardRows();
  const promises = usePromisesToday();
  const missed = useMissedShown();
  const figures = useQueueFigures();
  const hasDesk = useDesk((state) => state.me !== null && homeOf(state.me) === "/");
  const mayPromises = useMay("contacts:read");
  const mayMissed = useMay("calls:read");
  return (
    <aside className={`${style.strip} ${wide ? style.wide : ""}`} aria-label={t.summary}>
      <div className={style.calls}>
        {hasDesk && rows.length === 0 && <span className="dim">{t.allQuiet}</span>}
        {rows.map((row) => {
          const open = row.look === "open" && location === "/";
          return (
            <button
              key={row.id}
              type="button"
              className={`${style.call} ${open ? style.cur : ""}`}
              aria-current={open ? "true" : undefined}
              onClick={() => {
                openCard(row.id);
                if (location !== "/") go("/");
              }}
            >
              <Icon name={row.icon} tone={row.tone} />
              <Name className="cut">{row.name}</Name>
              <span aria-hidden="true">·</span>
              <span className="cut">{row.words.toLowerCase()}</span>
              {row.until === null && <Timer since={row.since} />}
            </button>
          );
        })}
      </div>
      {mayPromises && (
        <Link href="/promises">
          <Icon name="flag" />
          <b className="num">{promises.total ?? "–"}</b> {t.stripPromises(promises.total ?? 0)}
        </Link>
      )}
      {mayMissed && (
        <Link href="/missed">
          <Icon name="miss" />
          <b className="num">{missed.total ?? "–"}</b> {t.stripMissed}
        </Link>
      )}
      {figures !== null && (
        <span className={figures.stale ? "dim" : undefined}>
          <Icon name="people" />
          <b className="num">{figures.waiting}</b> {t.stripQueue}
          {figures.longestSince !== null && (
            <>
              {" · "}
              <Timer since={figures.longestSince} />
            </>
          )}
        </span>
      )}
    </aside>
  );
}
