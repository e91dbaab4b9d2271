import type { ReactNode } from "react";
import { Link } from "wouter";
import { useT } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import style from "./parts.module.css";

interface HeadProps {
  title: string;
  lead?: ReactNode;
  children?: ReactNode;
}

/** The top of a page: its name, one sentence, what can be done. */
export function PageHead({ title, lead, children }: HeadProps) {
  return (
    <div className={style.head}>
      <div>
        <h1>
          <Name>{title}</Name>
        </h1>
        {lead && <p>{lead}</p>}
      </div>
      {children && <div className={style.acts}>{children}</div>}
    </div>
  );
}

interface PanelProps {
  label: string;
  /** The heading, if one is to be seen. */
  title?: string | undefined;
  sub?: string | null | undefined;
  end?: ReactNode;
  children: ReactNode;
}

/** A part of a page on its own ground. */
export function Panel({ label, title, sub, end, children }: PanelProps) {
  return (
    <section className={style.panel} aria-label={label}>
      {title && (
        <h2>
          <Name>{title}</Name>
          {sub && <Name className={style.sub}>{sub}</Name>}
          {end && <span className={style.end}>{end}</span>}
        </h2>
      )}
      {children}
    </section>
  );
}

interface SplitProps {
  /** Something of the list was chosen: on a narrow screen it is then a page of its own. */
  chosen: boolean;
  /** Where the list is, for the way back from such a page. */
  home: string;
  list: ReactNode;
  /** Without one the list has the whole width. */
  detail: ReactNode;
  /** On a narrow screen both are one page: the detail before or after the list. */
  stack?: "before" | "after";
}

/** A list with a detail beside it. */
export function Split({ chosen, home, list, detail, stack }: SplitProps) {
  const { common } = useT().pages;
  const look = stack ? style[stack] : chosen ? style.chosen : style.alone;
  return (
    <div className={detail ? `${style.split} ${look}` : undefined}>
      {list}
      <div className={style.detail}>
        {chosen && (
          <Link href={home} className={style.back}>
            <Icon name="history" />
            {common.back}
          </Link>
        )}
        {detail}
      </div>
    </div>
  );
}

interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  /** `n` null: how many there are is not known. */
  options: readonly { value: Value; label: string; n?: number | null }[];
  onChange: (value: Value) => void;
}

/** One of a few views of the same list. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  const { label, value, options, onChange } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and a legend
    <div className={style.seg} role="group" aria-label={label}>
      {options.map((one) => (
        <button
          key={one.value}
          type="button"
          aria-pressed={one.value === value}
          onClick={() => onChange(one.value)}
        >
          {one.label}
          {typeof one.n === "number" && <span className="num">{` ${one.n}`}</span>}
        </button>
      ))}
    </div>
  );
}
