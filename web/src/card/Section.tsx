import type { ReactNode } from "react";
import style from "./Section.module.css";

interface SectionProps {
  title: ReactNode;
  /** What stands at the end of the heading's line. */
  aside?: ReactNode;
  /** It keeps to the column's lower edge. */
  last?: boolean;
  children?: ReactNode;
}

/** A part of a column: a heading of 13 px and what belongs to it. */
export function Section({ title, aside, last = false, children }: SectionProps) {
  return (
    <section className={last ? `${style.section} ${style.last}` : style.section}>
      <div className={style.head}>
        <h2>{title}</h2>
        {aside !== undefined && <span>{aside}</span>}
      </div>
      {children}
    </section>
  );
}

/** The last actions of the work column: they stay in view while it scrolls. */
export function Push({ children }: { children: ReactNode }) {
  return <div className={style.last}>{children}</div>;
}
