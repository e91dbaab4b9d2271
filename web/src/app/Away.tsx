import { useEffect } from "react";
import { useT } from "../i18n";
import { Button } from "../ui/Button";
import { Brand } from "./Brand";
import style from "./SignIn.module.css";
import { begin } from "./session";

const AGAIN_MS = 5_000;

/** The daemon did not answer at all: say so, and ask again until it does. */
export function Away() {
  const t = useT().app;
  useEffect(() => {
    const timer = window.setInterval(() => void begin(), AGAIN_MS);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <main className={style.door}>
      <div className={style.box}>
        <Brand />
        <h1 className={style.title}>{t.away}</h1>
        <p className="mid">{t.awayText}</p>
        <Button onClick={() => void begin()}>{t.retry}</Button>
      </div>
    </main>
  );
}
