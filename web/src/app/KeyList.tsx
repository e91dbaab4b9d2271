import { useT } from "../i18n";
import { Panel } from "../ui/Panel";
import style from "./KeyList.module.css";
import { usePreference } from "./preferences";

/** The keys there are, as the question mark shows them. */
export default function KeyList({ onClose }: { onClose: () => void }) {
  const t = useT().app;
  const on = usePreference("singleKeys");
  const keys: readonly (readonly [string[], string])[] = [
    [["C"], t.goCard],
    [["N"], t.goNotes],
    [["H"], t.doHold],
    [["T"], t.doTransfer],
    [["P"], t.doPromise],
    [["D"], t.doDial],
    [["J", "K"], t.goNext],
    [["1", "9"], t.choose],
    [["/"], t.goSearch],
    [["?"], t.keys],
    [["Ctrl K"], t.palette],
    [["Ctrl Enter"], t.doSave],
    [["Esc"], t.doEscape],
  ];
  return (
    <Panel title={t.keys} onClose={onClose}>
      <div className={style.body}>
        <p className="mid">{on ? t.keysText : t.keysOff}</p>
        <dl className={style.keys}>
          {keys.map(([names, words]) => (
            <div key={words}>
              <dt>
                {names.map((name) => (
                  <kbd key={name}>{name}</kbd>
                ))}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}
