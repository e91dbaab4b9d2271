import { type ReactNode, useEffect, useId, useRef } from "react";
import { useT } from "../i18n";
import { Button } from "./Button";
import style from "./Panel.module.css";

interface PanelProps {
  title: string;
  /** The title is only read; the panel begins with its field. */
  plain?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A panel over the page for lists and search, never for calls; Esc closes it and focus goes back. */
export function Panel({ title, plain = false, onClose, children }: PanelProps) {
  const t = useT().app;
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const node = dialog.current;
    node?.showModal();
    return () => {
      node?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} className={style.panel} aria-labelledby={id} onClose={onClose}>
      <div className={plain ? "vh" : style.head}>
        <h2 id={id}>{title}</h2>
        {!plain && (
          <Button small look="quiet" icon="close" onClick={onClose}>
            {t.close}
          </Button>
        )}
      </div>
      {children}
    </dialog>
  );
}
