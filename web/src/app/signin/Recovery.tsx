import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import type { Door } from "../door";
import style from "../SignIn.module.css";

/** The recovery codes, shown once, after the first code of a second factor. */
export function Recovery({ door, codes }: { door: Door; codes: readonly string[] }) {
  const t = useT().app;
  return (
    <div className={style.form}>
      <p>{t.recoveryText}</p>
      <ul className={style.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button look="main" onClick={door.kept}>
        {t.recoveryDone}
      </Button>
    </div>
  );
}
