import { useMay } from "../api/store";
import { Brand } from "./Brand";
import { Connection } from "./Connection";
import { Find } from "./Find";
import { PresencePill } from "./PresencePill";
import style from "./TopBar.module.css";

/** Name, search-or-dial, connection, presence. */
export function TopBar() {
  const mayFind = useMay("contacts:read");
  const mayDial = useMay("calls:dial");
  return (
    <header className={style.top}>
      <div className={style.brand}>
        <Brand />
      </div>
      {(mayFind || mayDial) && <Find />}
      <div className={style.end}>
        <Connection />
        <PresencePill />
      </div>
    </header>
  );
}
