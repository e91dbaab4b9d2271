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
import { before } from "./trend";
import type { TestRun, Trunk } from "./types";

/** The mystery call of a trunk: asked for in place, followed step by step, compared with others. */
export function TestPanel({ trunk }: { trunk: Trunk }) {
  const { run: words } = useTrunkWords();
  const found = useTests(trunk);
  const [chosen, setChosen] = useState<string | null>(null);
  const runs = found.data ?? [];
  const run = runs.find((one) => one.id === chosen) ?? runs[0] ?? trunk.test.last;
  useEnding(runs[0]);
  return (
    <Panel label={words.title} title={words.title}>
      <div className={parts.pad}>
        <Ask trunk={trunk} running={runs.some((one) => one.state === "running")} />
        {run && <RunDetail run={run} earlier={before(runs, run)} />}
      </div>
      {found.data && runs.length === 0 && trunk.test.possible && <Empty>{words.earlierNone}</Empty>}
      {runs.length > 1 && <EarlierRuns runs={runs} chosen={run?.id ?? null} onChoose={setChosen} />}
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
  const [asking, setAsking] = useState(false);
  // set at once: a second press comes before the button is drawn as off
  const sent = useRef(false);
  const started = useMutation({
    mutationFn: () => startTest(trunk),
    onSettled: () => {
      sent.current = false;
    },
    onSuccess: (run) => {
      setAsking(false);
      keepRun(run);
      say(words.started);
    },
    retry: false,
  });
  const busy = running || test.running;
  if (!administers) return <p className="mid">{words.readOnly}</p>;
  if (!test.possible) {
    return <p className="mid">{test.words[spoken] ?? test.why_not}</p>;
  }
  return (
    <div className={style.ask}>
      <p className="mid">{words.lead}</p>
      {!asking && (
        <Button
          icon="out"
          look="main"
          disabled={busy || lost}
          onClick={() => {
            started.reset();
            setAsking(true);
          }}
        >
          {words.button}
        </Button>
      )}
      {asking && (
        <Confirm
          trunk={trunk}
          off={busy || lost || started.isPending}
          onYes={() => {
            if (sent.current) return;
            sent.current = true;
            started.mutate();
          }}
          onNo={() => setAsking(false)}
        />
      )}
      {busy && !asking && <p className="dim">{words.elsewhere}</p>}
      {started.isError && <Refusal>{reason(started.error)}</Refusal>}
    </div>
  );
}

interface ConfirmProps {
  trunk: Trunk;
  off: boolean;
  onYes: () => void;
  onNo: () => void;
}

function Confirm({ trunk, off, onYes, onNo }: ConfirmProps) {
  const { run: words } = useTrunkWords();
  const { number } = trunk.test;
  const yes = useRef<HTMLButtonElement>(null);
  // whoever pressed the button asked for this: their keys go on here
  useEffect(() => yes.current?.focus(), []);
  return (
    <section className={style.confirm}>
      <h3>{number ? words.askTitle(phone(number)) : words.askTitlePlain}</h3>
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
