import { type ReactNode, useEffect, useRef } from "react";
import { language } from "../../../i18n/language";
import { useSetting } from "../../../i18n/setting";
import { useTrunkWords } from "../../../i18n/trunks";
import { Icon, type Tone } from "../../../ui/Icon";
import type { IconName } from "../../../ui/icons";
import { Panel } from "../../parts/Layout";
import parts from "../../parts/parts.module.css";
import trunks from "../Trunks.module.css";
import type { RenderedTrunk, TrunkCheck, TrunkComparison } from "../types";
import { CopyButton } from "./CopyButton";
import { diffLines } from "./draft";
import style from "./Form.module.css";

/** What was made of the form: text to install, steps, what to know, and what the PBX has. */
export function Rendered({ made }: { made: RenderedTrunk }) {
  const { form } = useTrunkWords();
  const spoken = useSetting(language);
  const top = useRef<HTMLDivElement>(null);
  // whoever asked for the text reads on here
  useEffect(() => top.current?.focus(), []);
  return (
    <div ref={top} tabIndex={-1} className={style.made}>
      <Panel label={form.sections} title={form.sections} sub={`${made.name} · ${made.pbx}`}>
        <div className={parts.pad}>
          <p>
            <Icon name="info" /> {form.nothingWritten}
          </p>
          {made.placeholder !== null && <p className="mid">{form.placeholder(made.placeholder)}</p>}
          {made.files.map((one) => (
            <Text key={one.name} name={one.name} also={form.instead(one.instead)} text={one.text} />
          ))}
        </div>
      </Panel>
      {made.steps.length > 0 && (
        <Panel label={form.steps} title={form.steps}>
          <div className={parts.pad}>
            <ol className={trunks.steps}>
              {made.steps.map((one) => (
                <li key={one.en}>
                  <span>{one[spoken]}</span>
                </li>
              ))}
            </ol>
          </div>
        </Panel>
      )}
      {made.advice.length > 0 && (
        <Panel label={form.advice} title={form.advice}>
          <div className={parts.pad}>
            <ul className={trunks.reasons}>
              {made.advice.map((one) => (
                <li key={one.words.en}>
                  <Icon name="risk" tone="warn" />
                  <span>{one.words[spoken]}</span>
                </li>
              ))}
            </ul>
          </div>
        </Panel>
      )}
      {made.comparison && <Comparison found={made.comparison} />}
      {made.checks && <Checks checks={made.checks} />}
    </div>
  );
}

function Text({ name, also, text }: { name: string; also: string; text: string }) {
  const { form } = useTrunkWords();
  return (
    <section className={style.file}>
      <div className={style.fileHead}>
        <h3>
          <code>{name}</code>
        </h3>
        <CopyButton text={text} what={name} />
      </div>
      <p className={style.about}>{also}</p>
      <Code label={form.fileText(name)}>{text}</Code>
    </section>
  );
}

function Code({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys
    // biome-ignore lint/a11y/useSemanticElements: text of a program is what pre is for
    <pre className={style.code} role="region" aria-label={label} tabIndex={0}>
      {children}
    </pre>
  );
}

function Comparison({ found }: { found: TrunkComparison }) {
  const { form } = useTrunkWords();
  const spoken = useSetting(language);
  return (
    <Panel label={form.diff} title={form.diff} sub={form.source(found.source)}>
      <div className={parts.pad}>
        {found.diff === "" && found.changes.length === 0 ? (
          <p>
            <Icon name="ok" tone="ok" /> {form.noDiff}
          </p>
        ) : (
          <>
            <p className="mid">{form.diffHow}</p>
            <Code label={form.diff}>
              {diffLines(found.diff).map((one, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text
                <span key={index} className={style[one.kind]}>
                  {`${one.text}\n`}
                </span>
              ))}
            </Code>
            <ul className={trunks.reasons}>
              {found.changes.map((one) => (
                <li key={`${one.section}/${one.option}`}>
                  <Icon name="note" />
                  <span>
                    <code>
                      [{one.section}] {one.option}
                    </code>
                    : {form.change(one.before, one.after)} {one.words[spoken]}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Panel>
  );
}

const VERDICTS: Readonly<Record<TrunkCheck["verdict"], readonly [IconName, Tone]>> = {
  ok: ["ok", "ok"],
  warning: ["risk", "warn"],
  failed: ["close", "risk"],
};

function Checks({ checks }: { checks: readonly TrunkCheck[] }) {
  const { form } = useTrunkWords();
  const spoken = useSetting(language);
  return (
    <Panel label={form.checks} title={form.checks}>
      <div className={parts.pad}>
        <ul className={trunks.reasons}>
          {checks.map((one) => (
            <li key={`${one.subject}${one.cause.en}`}>
              <Icon name={VERDICTS[one.verdict][0]} tone={VERDICTS[one.verdict][1]} />
              <span>
                <b>{one.subject}</b>: <span className="vh">{form.verdict[one.verdict]}, </span>
                {one.cause[spoken]}
                {one.remedy[spoken] && <span className={trunks.remedy}>{one.remedy[spoken]}</span>}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}
