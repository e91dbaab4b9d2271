import { useState } from "react";
import { serverNow } from "../../../api/clock";
import { useT } from "../../../i18n";
import { Timer } from "../../../ui/Timer";
import style from "./Import.module.css";

interface UnderwayProps {
  name: string;
  preview: boolean;
  /** How much of the file is gone, 0 to 1. */
  share: number;
}

/** How far it is: how much of the file is sent, then for how long its rows are being read. */
export function Underway({ name, preview, share }: UnderwayProps) {
  const { contactImport } = useT().pages;
  const [since] = useState(serverNow);
  const words = preview ? contactImport.reading : contactImport.writing;
  return (
    <div className={style.underway}>
      <progress
        aria-label={contactImport.sending(name)}
        max={100}
        value={Math.round(share * 100)}
      />
      <p className="mid small">
        {share < 1 ? (
          <>
            {contactImport.sending(name)}, <span className="num">{Math.round(share * 100)} %</span>
          </>
        ) : (
          <>
            {words} <Timer since={since} />
          </>
        )}
      </p>
    </div>
  );
}
