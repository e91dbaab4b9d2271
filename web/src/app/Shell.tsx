import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { KEYS, queryClient } from "../api/queries";
import { AfterCallEnd } from "../card/afterCall";
import { useT } from "../i18n";
import { useArrivals } from "./arrivals";
import { Banners } from "./Banners";
import { useKey } from "./keys";
import { Rail } from "./Rail";
import style from "./Shell.module.css";
import { Strip } from "./Strip";
import { useShellCommands } from "./shellCommands";
import { TopBar } from "./TopBar";
import { useTitle } from "./title";
import { WorkList } from "./WorkList";

const Palette = lazy(() => import("./Palette"));
const KeyList = lazy(() => import("./KeyList"));

type Panel = "palette" | "keys" | null;

/** The frame around every page: bar, rail, work list or strip, and what opens over it by keyboard. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useT().app;
  const [location] = useLocation();
  const [panel, setPanel] = useState<Panel>(null);
  const wide = location !== "/";
  const close = () => setPanel(null);
  useArrivals();
  useTitle();
  useShellCommands(() => setPanel("keys"));
  useKey("Ctrl+K", () => setPanel(panel === "palette" ? null : "palette"));
  useKey("?", () => setPanel(panel === "keys" ? null : "keys"));
  useEffect(() => {
    // what one comes back to after hours elsewhere may be old
    const shown = () => {
      if (!document.hidden) void queryClient.invalidateQueries({ queryKey: KEYS.missed });
    };
    document.addEventListener("visibilitychange", shown);
    return () => document.removeEventListener("visibilitychange", shown);
  }, []);
  return (
    <div className={`${style.desk} ${wide ? style.wide : ""}`}>
      <a className={style.skip} href="#main">
        {t.skip}
      </a>
      <AfterCallEnd />
      <TopBar />
      <Rail onHelp={() => setPanel("keys")} />
      {!wide && <WorkList />}
      <Strip wide={wide} />
      <main className={style.main} id="main" tabIndex={-1}>
        <Banners />
        <Suspense fallback={null}>{children}</Suspense>
      </main>
      <Suspense fallback={null}>
        {panel === "palette" && <Palette onClose={close} />}
        {panel === "keys" && <KeyList onClose={close} />}
      </Suspense>
    </div>
  );
}
