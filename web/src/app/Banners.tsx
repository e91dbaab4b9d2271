import { useEffect, useRef, useState } from "react";
import type { Link } from "../api/shapes";
import { useDesk } from "../api/store";
import { retryNow } from "../api/stream";
import { useWire } from "../api/wire";
import { useT } from "../i18n";
import { clock } from "../i18n/format";
import { language } from "../i18n/language";
import { useSetting } from "../i18n/setting";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { say } from "./announcer";
import style from "./Banners.module.css";

/** What is the matter with the page's own connection, and with the links to telephone systems. */
export function Banners() {
  return (
    <>
      <PageLost />
      <LinksDown />
    </>
  );
}

function PageLost() {
  const t = useT().app;
  const lostAt = useWire((state) => state.lostAt);
  const nextTryAt = useWire((state) => state.nextTryAt);
  const was = useRef(false);
  const seconds = useSecondsTo(lostAt === null ? null : nextTryAt);
  const at = lostAt === null ? "" : clock(lostAt, true);
  useEffect(() => {
    if (at !== "") say(t.lost(at));
    else if (was.current) say(t.back);
    was.current = at !== "";
  }, [at, t]);
  if (lostAt === null) return null;
  return (
    <div className={`${style.banner} ${style.risk}`}>
      <Icon name="off" large />
      <span>
        <b>{t.lost(at)}</b> {seconds > 0 ? t.nextTry(seconds) : t.trying} {t.lostEffect}
      </span>
      <Button small onClick={retryNow}>
        {t.retry}
      </Button>
    </div>
  );
}

/** Whole seconds until then by this computer's clock; 0 if it is over or not known. */
function useSecondsTo(at: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (at === null) return undefined;
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, [at]);
  return at === null ? 0 : Math.max(0, Math.ceil((at - now) / 1000));
}

const isDown = (link: Link) => link.phase === "down" || link.phase === "refused";

function LinksDown() {
  const t = useT().app;
  const links = useDesk((state) => state.links);
  const down = [...links.values()].filter(isDown);
  const names = down.map((link) => link.pbx).join("\n");
  const before = useRef("");
  useEffect(() => {
    const old = before.current.split("\n").filter(Boolean);
    const now = names.split("\n").filter(Boolean);
    const lost = now.find((name) => !old.includes(name));
    const back = old.find((name) => !now.includes(name));
    const link = lost === undefined ? undefined : links.get(lost);
    if (link) say(t.linkDown(link.pbx, clock(link.since)));
    else if (back !== undefined && links.has(back)) say(t.linkBack(back));
    before.current = names;
  }, [names, links, t]);
  return down.map((link) => <LinkDown key={link.pbx} link={link} />);
}

function LinkDown({ link }: { link: Link }) {
  const t = useT().app;
  const said = link.words[useSetting(language)] ?? link;
  return (
    <div className={style.banner}>
      <Icon name="risk" large />
      <span>
        <b>{t.linkDown(link.pbx, clock(link.since))}</b>{" "}
        {[said.cause, said.remedy].filter(Boolean).join(" ")} {t.linkEffect}
      </span>
    </div>
  );
}
