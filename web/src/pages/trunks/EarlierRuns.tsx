import { useElementSize } from "@mantine/hooks";
import { useState } from "react";
import { useT } from "../../i18n";
import { moment } from "../../i18n/format";
import { useTrunkWords } from "../../i18n/trunks";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { useMinute } from "../minute";
import { seconds } from "./figures";
import graph from "./Graph.module.css";
import { ceiling } from "./graph";
import { RUN_LOOKS } from "./RunDetail";
import style from "./Test.module.css";
import { trendOf } from "./trend";
import type { Measured, TestRun } from "./types";

const SHOWN = 5;
const MORE = 20;
const DRAWN = 40;
const HEIGHT = 48;

interface EarlierProps {
  runs: readonly TestRun[];
  chosen: TestRun | null;
  /** Whether to say which test each is. */
  named: boolean;
  onChoose: (id: string) => void;
}

/** The runs that were: how long each took to the answer, as bars and as a list. */
export function EarlierRuns({ runs, chosen, named, onChoose }: EarlierProps) {
  const { run: words } = useTrunkWords();
  const { common } = useT().pages;
  const now = useMinute();
  const what = trendOf(runs);
  const drawn = chosen === null ? runs : runs.filter((one) => one.test === chosen.test);
  const [shown, setShown] = useState(SHOWN);
  return (
    <div className={style.earlier}>
      <h3>{words.earlier}</h3>
      <Trend runs={drawn.slice(0, DRAWN).toReversed()} what={trendOf(drawn)} />
      <ul>
        {runs.slice(0, shown).map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className={style.pick}
              aria-pressed={one.id === chosen?.id}
              onClick={() => onChoose(one.id)}
            >
              <span className="num">{moment(one.started_at, now)}</span>
              <span className={style.verdict}>
                <Badge tone={RUN_LOOKS[one.state].tone} icon={RUN_LOOKS[one.state].icon}>
                  {words.state[one.state]}
                </Badge>
                {named && <span>{one.test}</span>}
              </span>
              <span className={`num ${style.took}`}>
                {one.seconds[what] === null
                  ? ""
                  : `${words.second[what]}: ${seconds(one.seconds[what])}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {runs.length > shown && (
        <div>
          <Button small onClick={() => setShown(shown + MORE)}>
            {common.more}
          </Button>
        </div>
      )}
    </div>
  );
}

function Trend({ runs, what }: { runs: readonly TestRun[]; what: Measured }) {
  const { run: words, history } = useTrunkWords();
  const { ref, width } = useElementSize();
  const top = ceiling(Math.max(0, ...runs.map((one) => one.seconds[what] ?? 0)));
  const each = width / Math.max(runs.length, 8);
  return (
    <div ref={ref} aria-hidden="true">
      <div className={graph.name}>
        <span>{words.trend(words.second[what], runs.length)}</span>
        <span className="num">{history.max(seconds(top))}</span>
      </div>
      <svg
        className={graph.lane}
        width={width}
        height={HEIGHT}
        focusable="false"
        role="presentation"
      >
        {runs.map((one, index) => {
          const value = one.seconds[what];
          const bad = value === null || one.state === "failed";
          const height = bad ? HEIGHT : (value / top) * HEIGHT;
          return (
            <rect
              key={one.id}
              className={
                bad ? graph.unreached : one.state === "changed" ? graph.degraded : graph.bar
              }
              x={index * each}
              y={HEIGHT - height}
              width={Math.max(1, each - 2)}
              height={height}
            />
          );
        })}
      </svg>
    </div>
  );
}
