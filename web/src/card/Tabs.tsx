import type { KeyboardEvent } from "react";
import style from "./Card.module.css";
import type { Card } from "./types";
import type { Panel } from "./Work";
import { useCardWords } from "./words";

export type Tab = "context" | "work";

interface TabsProps {
  card: Card;
  tab: Tab;
  panel: Panel | null;
  onTab: (tab: Tab) => void;
}

/** Below 720 px the two columns are two tabs. */
export function Tabs({ card, tab, panel, onTab }: TabsProps) {
  const words = useCardWords();
  const ended = card.phase === "ended";
  const work =
    panel === "transfer"
      ? words.transfer
      : panel === "contact"
        ? words.newContact
        : panel === "link"
          ? words.link
          : ended
            ? words.outcomeTab
            : words.notesTab;
  const labels: Record<Tab, string> = { context: words.context, work };
  const order: Tab[] = ended ? ["work", "context"] : ["context", "work"];
  const turn = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    onTab(tab === "context" ? "work" : "context");
    const other = event.currentTarget.querySelector<HTMLElement>('[aria-selected="false"]');
    other?.focus();
  };
  return (
    <div className={style.tabs} role="tablist" onKeyDown={turn}>
      {order.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          aria-selected={tab === one}
          tabIndex={tab === one ? 0 : -1}
          onClick={() => onTab(one)}
        >
          {labels[one]}
        </button>
      ))}
    </div>
  );
}
