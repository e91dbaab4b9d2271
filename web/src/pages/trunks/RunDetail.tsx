import { clock, moment, phone } from "../../i18n/format";
import { language } from "../../i18n/language";
import { useSetting } from "../../i18n/setting";
import { useTrunkWords } from "../../i18n/trunks";
import { Badge } from "../../ui/Badge";
import { Icon, type Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { Timer } from "../../ui/Timer";
import { useNames } from "../lists";
import { useMinute } from "../minute";
import thread from "../parts/Thread.module.css";
import { seconds } from "./figures";
import { useSaid } from "./state";
import style from "./Test.module.css";
import { changeText, MEASURED, usual } from "./trend";
import type { TestRun, TestStep } from "./types";

export const RUN_LOOKS: Readonly<
  Record<TestRun["state"], { icon: IconName; tone: "ok" | "warn" | "risk" | "acc" }>
> = {
  running: { icon: "wait", tone: "acc" },
  passed: { icon: "ok", tone: "ok" },
  changed: { icon: "risk", tone: "warn" },
  failed: { icon: "close", tone: "risk" },
};

interface RunProps {
  run: TestRun;
  earlier: readonly TestRun[];
  /** Whether to say which test it is. */
  named: boolean;
}

/** One test call: what happened when, the seconds it took, what is otherwise than before. */
export function RunDetail({ run, earlier, named }: RunProps) {
  const { run: words } = useTrunkWords();
  const said = useSaid()(run);
  const nameOf = useNames();
  const now = useMinute();
  const look = RUN_LOOKS[run.state];
  const when = moment(run.started_at, now);
  return (
    <section className={style.run} aria-label={words.show(when)}>
      <div className={style.head}>
        <Badge tone={look.tone} icon={look.icon}>
          {words.state[run.state]}
        </Badge>
        {named && <b>{words.named(run.test)}</b>}
        <b className="num">{phone(run.number)}</b>
        <span className="mid">
          {run.by === null ? words.scheduled(when) : words.by(nameOf(run.by), when)}
        </span>
        {run.state === "running" && <Timer since={run.started_at} />}
      </div>
      {said.cause && (
        <div>
          <p className={style.cause}>{said.cause}</p>
          {said.remedy && <p className="mid">{said.remedy}</p>}
        </div>
      )}
      <div className={style.columns}>
        <div>
          <h3>{words.steps}</h3>
          {run.steps.length === 0 && <p className="mid">{words.stepsNone}</p>}
          <ol className={`${thread.thread} ${thread.narrow}`}>
            {run.steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps only ever come after the others
              <Step key={index} step={step} began={run.started_at} />
            ))}
          </ol>
        </div>
        <div>
          <h3>{words.seconds}</h3>
          <Measures run={run} earlier={earlier} />
          <Changes run={run} />
        </div>
      </div>
    </section>
  );
}

function Step({ step, began }: { step: TestStep; began: string }) {
  const [icon, tone]: [IconName, Tone | undefined] =
    step.ok === null ? ["dash", "dim"] : step.ok ? ["tick", "ok"] : ["close", "risk"];
  const after = (Date.parse(step.at) - Date.parse(began)) / 1000;
  return (
    <li>
      <span className={thread.k}>
        <Icon name={icon} tone={tone} />
      </span>
      <time className="num" dateTime={step.at} title={clock(step.at, true)}>
        {seconds(Math.max(0, after))}
      </time>
      <div className={thread.x}>{step.words[useSetting(language)] ?? step.text}</div>
    </li>
  );
}

function Measures({ run, earlier }: { run: TestRun; earlier: readonly TestRun[] }) {
  const { run: words } = useTrunkWords();
  return (
    <dl className={style.measures}>
      {MEASURED.map((what) => {
        const value = run.seconds[what];
        const often = usual(earlier, what);
        if (value === null && run.state === "running") return null;
        return (
          <div key={what}>
            <dt>{words.second[what]}</dt>
            <dd className="num">
              {value === null ? (
                <span className="dim">{words.never}</span>
              ) : (
                <b>{seconds(value)}</b>
              )}
              {often !== null && <span className="dim"> {words.usual(seconds(often))}</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Changes({ run }: { run: TestRun }) {
  const { run: words } = useTrunkWords();
  if (run.changes.length === 0) return null;
  return (
    <>
      <h3>{words.changes}</h3>
      <ul className={style.changes}>
        {run.changes.map((one) => (
          <li key={one.what}>
            <Icon name="risk" tone="warn" />
            <span>{changeText(one, words)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
