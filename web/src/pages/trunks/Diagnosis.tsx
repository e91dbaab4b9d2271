import { useTrunkWords } from "../../i18n/trunks";
import { Icon, type Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { Panel } from "../parts/Layout";
import { Chain } from "./Chain";
import type { Step } from "./chain";
import style from "./Trunks.module.css";

/** One reason for what is said: it speaks for it, against it, or is not known. */
export interface Evidence {
  icon: IconName;
  tone: Tone | undefined;
  text: string;
}

interface DiagnosisProps {
  label: string;
  steps: readonly Step[];
  title: string;
  lead: string;
  evidence: readonly Evidence[];
  /** What to do, in order; empty if nothing is to be done. */
  fixes: readonly string[];
}

/** The chain, then what is the matter in one sentence, why we think so, and what to do. */
export function Diagnosis({ label, steps, title, lead, evidence, fixes }: DiagnosisProps) {
  const words = useTrunkWords();
  return (
    <Panel label={label}>
      <Chain label={label} steps={steps} />
      <div className={style.cause}>
        <div>
          <h2 className={style.headline}>{title}</h2>
          {lead && <p className="mid">{lead}</p>}
        </div>
        {evidence.length > 0 && (
          <section className={style.sec}>
            <h3>{words.why}</h3>
            <Reasons items={evidence} />
          </section>
        )}
        {fixes.length > 0 && (
          <section className={style.sec}>
            <h3>{words.fix}</h3>
            <ol className={style.steps}>
              {fixes.map((text) => (
                <li key={text}>
                  <span>{text}</span>
                </li>
              ))}
            </ol>
          </section>
        )}
      </div>
    </Panel>
  );
}

/** Short facts, each with its sign. */
export function Reasons({ items }: { items: readonly Evidence[] }) {
  return (
    <ul className={style.reasons}>
      {items.map((one) => (
        <li key={one.text}>
          <Icon name={one.icon} tone={one.tone} />
          <span>{one.text}</span>
        </li>
      ))}
    </ul>
  );
}
