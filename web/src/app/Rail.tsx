import { Link, useLocation } from "wouter";
import { useMissed } from "../api/queries";
import type { Trunk } from "../api/shapes";
import { useDesk } from "../api/store";
import { useBoard } from "../card/boardStore";
import { useT } from "../i18n";
import { Icon } from "../ui/Icon";
import { isWithin, type PlaceName, placesOf } from "./places";
import style from "./Rail.module.css";

interface RailProps {
  onHelp: () => void;
}

/** Where one can go: a column of icons with words, or the bar below on a small screen. */
export function Rail({ onHelp }: RailProps) {
  const t = useT().app;
  const [location] = useLocation();
  const missed = useMissed().data?.total ?? 0;
  const calls = useBoard(
    (board) => board.cards.filter((card) => card.phase === "ring" || card.phase === "talk").length,
  );
  const me = useDesk((state) => state.me);
  const trunks = useDesk((state) => alarmed(state.trunks.values()));
  const counts: Partial<Record<PlaceName, number>> = { missed, desk: calls, trunks };
  return (
    <nav className={style.rail} aria-label={t.main}>
      {placesOf(me).map(({ name, path, icon }) => (
        <Link key={name} href={path} aria-current={isWithin(location, path) ? "page" : undefined}>
          <Icon name={icon} large />
          {t[name]}
          <Count n={counts[name] ?? 0} words={t.counted} phoneOnly={name === "desk"} />
        </Link>
      ))}
      <span className={style.gap} />
      <button type="button" className={style.help} onClick={onHelp}>
        <Icon name="info" large />
        {t.help}
      </button>
    </nav>
  );
}

/** How many trunks somebody must look at. */
function alarmed(trunks: Iterable<Trunk>): number {
  return [...trunks].filter((one) => one.alarms.length > 0).length;
}

interface CountProps {
  n: number;
  words: (n: number) => string;
  /** The work list says it already where there is room for one. */
  phoneOnly: boolean;
}

function Count({ n, words, phoneOnly }: CountProps) {
  if (n === 0) return null;
  return (
    <span className={phoneOnly ? style.phoneOnly : undefined}>
      <span className={style.count} aria-hidden="true">
        {n > 99 ? "99+" : n}
      </span>
      <span className="vh">{words(n)}</span>
    </span>
  );
}
