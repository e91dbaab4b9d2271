import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { phone } from "../../i18n/format";
import { language } from "../../i18n/language";
import { useSetting } from "../../i18n/setting";
import { useTrunkWords } from "../../i18n/trunks";
import { Button } from "../../ui/Button";
import { Panel } from "../parts/Layout";
import { Empty, Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { keepRun, startTest, useAdministers, useTests } from "./api";
import { EarlierRuns } from "./EarlierRuns";
import { RunDetail } from "./RunDetail";
import style from "./Test.module.css";
import { areNamed, before } from "./trend";
import type { TestRun, Trunk } from "./types";

/** The mystery call of a trunk: asked for in place, followed step by step, compared with others. */
export function TestPanel({ trunk }: { trunk: Trunk }) {
  const { run: words } = useTrunkWords();
  const found = useTests(trunk);
  const [chosen, setChosen] = useState<string | null>(null);
  const runs = found.data ?? [];
  const run = runs.find((one) => one.id === chosen) ?? runs[0] ?? trunk.test.last;
  const named = areNamed(trunk.test.tests, runs);
  useEnding(runs[0]);
  return (
    <Panel label={words.title} title={words.title}>
      <div className={parts.pad}>
        <Ask trunk={trunk} running={runs.some((one) => one.state === "running")} />
        {run && <RunDetail run={run} earlier={before(runs, run)} named={named} />}
      </div>
      {found.data && runs.length === 0 && trunk.test.possible && <Empty>{words.earlierNone}</Empty>}
      {runs.length > 1 && (
        <EarlierRuns runs={runs} chosen={run ?? null} named={named} onChoose={setChosen} />
      )}
    </Panel>
  );
}

/** Say the end of a run that was seen running, to who listens. */
function useEnding(latest: TestRun | undefined): void {
  const { run: words } = useTrunkWords();
  const seen = useRef<string | null>(null);
  useEffect(() => {
    if (latest?.state === "running") seen.current = latest.id;
    else if (latest && seen.current === latest.id) {
      seen.current = null;
      say(words.ended(words.state[latest.state]));
    }
  }, [latest, words]);
}

function Ask({ trunk, running }: { trunk: Trunk; running: boolean }) {
  const { run: words } = useTrunkWords();
  const spoken = useSetting(language);
  const { test } = trunk;
  const administers = useAdministers();
  const lost = useLostAt() !== null;
  const reason = useReason();
  // the name of the test that is asked for
  const [asking, setAsking] = useState<string | null>(null);
  // set at once: a second press comes before the button is drawn as off
  const sent = useRef(false);
  const started = useMutation({
    mutationFn: (name: string) => startTest(trunk, name),
    onSettled: () => {
      sent.current = false;
    },
    onSuccess: (run) => {
      setAsking(null);
      keepRun(run);
      say(words.started);
    },
    retry: false,
  });
  const busy = running || test.running;
  const wanted = test.tests.find((one) => one.name === asking);
  if (!administers) return <p className="mid">{words.readOnly}</p>;
  if (!test.possible) {
    return <p className="mid">{test.words[spoken] ?? test.why_not}</p>;
  }
  return (
    <div className={style.ask}>
      <p className="mid">{words.lead}</p>
      {wanted === undefined && (
        <div className={parts.row}>
          {test.tests.map((one, index) => (
            <Button
              key={one.name}
              icon="out"
              look={index === 0 ? "main" : undefined}
              disabled={busy || lost}
              onClick={() => {
                started.reset();
                setAsking(one.name);
              }}
            >
              {test.tests.length > 1 ? words.buttonOf(one.name) : words.button}
            </Button>
          ))}
        </div>
      )}
      {wanted && (
        <Confirm
          trunk={trunk}
          test={wanted}
          off={busy || lost || started.isPending}
          onYes={() => {
            if (sent.current) return;
            sent.current = true;
            started.mutate(wanted.name);
          }}
          onNo={() => setAsking(null)}
        />
      )}
      {busy && !wanted && <p className="dim">{words.elsewhere}</p>}
      {started.isError && <Refusal>{reason(started.error)}</Refusal>}
    </div>
  );
}

interface ConfirmProps {
  trunk: Trunk;
  test: Trunk["test"]["tests"][number];
  off: boolean;
  onYes: () => void;
  onNo: () => void;
}

function Confirm({ trunk, test, off, onYes, onNo }: ConfirmProps) {
  const { run: words } = useTrunkWords();
  const yes = useRef<HTMLButtonElement>(null);
  // whoever pressed the button asked for this: their keys go on here
  useEffect(() => yes.current?.focus(), []);
  return (
    <section className={style.confirm}>
      <h3>
        {trunk.test.tests.length > 1 && `${words.named(test.name)} · `}
        {words.askTitle(phone(test.number))}
      </h3>
      <ul className={style.what}>
        <li>{words.willDo(trunk.name)}</li>
        <li>{words.willCost}</li>
        <li>{words.willEnd}</li>
      </ul>
      <div className={parts.row}>
        <Button ref={yes} icon="out" look="main" disabled={off} onClick={onYes}>
          {words.yes}
        </Button>
        <Button onClick={onNo}>{words.no}</Button>
      </div>
    </section>
  );
}
