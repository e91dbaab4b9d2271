import { lazy, Suspense } from "react";
import { useBoard } from "./boardStore";
import { Cards } from "./Cards";

const Idle = lazy(() => import("../pages/Idle"));

/** The desk itself: the cards of the calls there are, else what will be here. */
export default function Desk() {
  const busy = useBoard((board) => board.cards.length > 0);
  if (busy) return <Cards />;
  return (
    <Suspense fallback={null}>
      <Idle />
    </Suspense>
  );
}
