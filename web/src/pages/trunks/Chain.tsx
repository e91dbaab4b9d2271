import { useTrunkWords } from "../../i18n/trunks";
import { Icon } from "../../ui/Icon";
import style from "./Chain.module.css";
import { STEP_ICONS, type Step } from "./chain";

/** Steps on one line, each needing the one before; the first that fails stands out. */
export function Chain({ label, steps }: { label: string; steps: readonly Step[] }) {
  const { stepState } = useTrunkWords().chain;
  return (
    <ol className={style.chain} aria-label={label}>
      {steps.map((step) => (
        <li key={step.key} className={style[step.state]}>
          <span className={style.sign}>
            <Icon name={STEP_ICONS[step.state]} />
          </span>
          <b>
            {step.name}
            <span className="vh">, {stepState[step.state]}:</span>
          </b>
          <span className={style.fact}>{step.fact}</span>
        </li>
      ))}
    </ol>
  );
}
