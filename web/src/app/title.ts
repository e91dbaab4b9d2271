import { useEffect } from "react";
import { useCardRows } from "./work";

const BRAND = "Filodiretto";

/** The window's title says who rings or talks, also while another window is in front. */
export function useTitle(): void {
  const rows = useCardRows();
  const live = rows.find((row) => row.icon === "ring") ?? rows.find((row) => row.until === null);
  const title = live === undefined ? BRAND : `● ${live.name} – ${BRAND}`;
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = BRAND;
    };
  }, [title]);
}
