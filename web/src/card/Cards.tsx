import { serverNow } from "../api/clock";
import { useKey } from "../app/keys";
import { shownAt } from "./board";
import { openCard, useBoard } from "./boardStore";
import style from "./Cards.module.css";
import { useLiveFacts, useSurroundingsOfDesk } from "./live";
import { PopCard } from "./PopCard";
import { SurroundingsContext } from "./surroundings";
import type { Card } from "./types";

/** The calls on the desk, each its own card in the order they came; one is whole. */
export function Cards() {
  const { cards: shown, open: whole } = shownAt(
    useBoard((board) => board),
    serverNow(),
  );
  const surroundings = useSurroundingsOfDesk();
  const step = (by: number) => {
    const open = shown.filter((card) => card.phase !== "gone");
    const at = open.findIndex((card) => card.callId === whole);
    const next = open[Math.min(open.length - 1, Math.max(0, at + by))];
    if (next !== undefined) openCard(next.callId);
  };
  useKey("J", () => step(1), { off: shown.length < 2 });
  useKey("K", () => step(-1), { off: shown.length < 2 });
  return (
    <SurroundingsContext.Provider value={surroundings}>
      <div className={style.cards}>
        {shown.map((card) => (
          <LiveCard key={card.callId} card={card} open={card.callId === whole} />
        ))}
      </div>
    </SurroundingsContext.Provider>
  );
}

function LiveCard({ card, open }: { card: Card; open: boolean }) {
  return <PopCard card={card} open={open} {...useLiveFacts(card)} />;
}
