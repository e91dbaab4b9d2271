import style from "./Brand.module.css";

/** The mark and the name; where there is little room the name is only read. */
export function Brand() {
  return (
    <div className={style.brand}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M3 12h5M16 12h5" />
        <circle cx="12" cy="12" r="3.5" />
      </svg>
      <span>Filodiretto</span>
    </div>
  );
}
