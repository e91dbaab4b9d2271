import { useMay } from "../api/store";
import { useWire } from "../api/wire";
import { useT } from "../i18n";
import { Icon } from "../ui/Icon";
import style from "./TopBar.module.css";

/** Whether the page hears of calls: always in view, and never "online" without having heard. */
export function Connection() {
  const t = useT().app;
  const phase = useWire((state) => state.phase);
  const mayHear = useMay("events:read");
  if (!mayHear) return null;
  if (phase === "online") {
    return (
      <span className={`${style.pill} ${style.plain}`}>
        <Icon name="ok" tone="ok" />
        <span className={style.word}>{t.online}</span>
      </span>
    );
  }
  if (phase === "lost") {
    return (
      <span className={`${style.pill} ${style.off}`}>
        <Icon name="off" />
        <span className={style.word}>{t.offline}</span>
      </span>
    );
  }
  return (
    <span className={`${style.pill} ${style.plain}`}>
      <Icon name="wait" />
      <span className={style.word}>{t.connecting}</span>
    </span>
  );
}
