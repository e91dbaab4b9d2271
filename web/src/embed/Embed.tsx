import { useEffect } from "react";
import { useMe } from "../api/store";
import { useArrivals } from "../app/arrivals";
import { Banners } from "../app/Banners";
import { Brand } from "../app/Brand";
import { Connection } from "../app/Connection";
import { PresencePill } from "../app/PresencePill";
import { useTitle } from "../app/title";
import { AfterCallEnd } from "../card/afterCall";
import { useBoard } from "../card/boardStore";
import { Cards } from "../card/Cards";
import { useT } from "../i18n";
import { useHouse } from "../pages/house";
import { FirstDay } from "../pages/idle/FirstDay";
import { openBridge } from "./bridge";
import style from "./Embed.module.css";

/** The desk in a column of 320 to 480 px inside another site: calls, presence, nothing else. */
export default function Embed() {
  const { skip } = useT().app;
  const busy = useBoard((board) => board.cards.length > 0);
  useArrivals();
  useTitle();
  useBridge();
  return (
    <div className={style.embed}>
      <a className={style.skip} href="#main">
        {skip}
      </a>
      <AfterCallEnd />
      <header className={style.top}>
        <Brand />
        <Connection />
        <span className={style.end}>
          <PresencePill />
        </span>
      </header>
      <main className={style.main} id="main" tabIndex={-1}>
        <Banners />
        {busy ? <Cards /> : <FirstDay />}
      </main>
    </div>
  );
}

function useBridge(): void {
  const me = useMe();
  const origins = useHouse()?.embed_origins;
  useEffect(() => {
    if (origins === undefined || window.parent === window) return undefined;
    return openBridge({ me, origins, host: window.parent });
  }, [me, origins]);
}
