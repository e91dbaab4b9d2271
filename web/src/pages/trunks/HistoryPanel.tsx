import { useState } from "react";
import { about, moment } from "../../i18n/format";
import { useTrunkWords } from "../../i18n/trunks";
import { Icon } from "../../ui/Icon";
import { useMinute } from "../minute";
import { Panel, Segments } from "../parts/Layout";
import { Empty, Failed } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { useHistory } from "./api";
import { milliseconds } from "./chain";
import { decimal } from "./figures";
import { Graph } from "./Graph";
import style from "./Graph.module.css";
import { type Frame, SPAN_MS, SPANS, type Span, shareUp } from "./graph";
import { LOOKS, useSaid } from "./state";
import trunks from "./Trunks.module.css";
import type { Episode, History, Trunk } from "./types";

const SHOWN = 50;

/** What was with a trunk: as a graph, as a table for who does not see it, and its faults in words. */
export function HistoryPanel({ trunk }: { trunk: Trunk }) {
  const { history: words } = useTrunkWords();
  const [span, setSpan] = useState<Span>("day");
  const minute = useMinute();
  const found = useHistory(trunk, SPAN_MS[span]);
  const frame: Frame = { from: minute - SPAN_MS[span], to: minute };
  const history = found.data;
  const empty = history && history.states.length === 0 && history.points.length === 0;
  return (
    <>
      <Panel label={words.title} title={words.title}>
        <div className={parts.tools}>
          <Segments
            label={words.span}
            value={span}
            onChange={setSpan}
            options={SPANS.map((value) => ({ value, label: words[value] }))}
          />
        </div>
        {found.isError && !history && (
          <Failed error={found.error} retry={() => void found.refetch()} />
        )}
        {empty && <Empty>{words.none}</Empty>}
        {history && !empty && (
          <div className={`${parts.pad} ${style.body}`}>
            <p>{summaryOf(history, frame, words)}</p>
            <Graph history={history} frame={frame} span={span} limit={trunk.channels.limit} />
            <Figures history={history} />
          </div>
        )}
      </Panel>
      {history && <Episodes trunk={trunk} states={history.states} now={minute} />}
    </>
  );
}

/** One sentence of a period, for who wants no more. */
export function summaryOf(
  history: History,
  frame: Frame,
  words: ReturnType<typeof useTrunkWords>["history"],
): string {
  const share = shareUp(history.states, frame);
  if (share === null) return words.unseenOnly;
  const sum = (pick: "calls" | "failed") => history.points.reduce((all, one) => all + one[pick], 0);
  // never "100 %" of a time with a fault in it
  const percent = share === 1 ? 100 : Math.min(99.9, share * 100);
  return words.summary(
    `${decimal(percent, percent === 100 ? 0 : 1)}\u00a0%`,
    decimal(sum("calls"), 0),
    decimal(sum("failed"), 0),
  );
}

/** The state that a moment is in; null if none is written down. */
export function stateAt(states: readonly Episode[], at: number): Episode | null {
  return (
    states.find(
      (one) => Date.parse(one.at) <= at && (one.until === null || at < Date.parse(one.until)),
    ) ?? null
  );
}

function Figures({ history }: { history: History }) {
  const words = useTrunkWords();
  const { when, states, rtt, channels, calls, failed, table } = words.history;
  const now = useMinute();
  return (
    <details className={style.details}>
      <summary>{table}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys */}
      <section className={style.table} aria-label={table} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {[when, states, rtt, channels, calls, failed].map((one) => (
                <th key={one} scope="col">
                  {one}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="num">
            {history.points.map((one) => {
              const state = stateAt(history.states, Date.parse(one.at))?.state ?? "unknown";
              return (
                <tr key={one.at}>
                  <td>{moment(one.at, now)}</td>
                  <td>{words.state[state]}</td>
                  <td>{one.rtt_ms === null ? words.notKnown : milliseconds(one.rtt_ms)}</td>
                  <td>{one.channels}</td>
                  <td>{one.calls}</td>
                  <td>{one.failed}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </details>
  );
}

/** The alarms that are on now and that no state which still lasts tells of already. */
export function runningOf(trunk: Trunk, states: readonly Episode[]): Trunk["alarms"] {
  const lasting = states.filter((one) => one.until === null && isFault(one));
  return trunk.alarms.filter(
    (alarm) =>
      !lasting.some(
        (one) => (alarm.kind === "down" && one.state === "down") || one.cause === alarm.cause,
      ),
  );
}

const isFault = (one: Episode) => one.state === "down" || one.state === "degraded";

interface EpisodesProps {
  trunk: Trunk;
  states: readonly Episode[];
  now: number;
}

function Episodes({ trunk, states, now }: EpisodesProps) {
  const words = useTrunkWords();
  const said = useSaid();
  const { history } = words;
  const faults = states.filter(isFault).toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const running = runningOf(trunk, states);
  return (
    <Panel label={history.episodes} title={history.episodes}>
      {running.length + faults.length === 0 ? (
        <Empty>{history.episodesNone}</Empty>
      ) : (
        <div className={parts.pad}>
          <ul className={trunks.episodes}>
            {running.map((one) => (
              <li key={one.kind}>
                <Icon
                  name={one.kind === "down" ? "off" : "risk"}
                  tone={one.kind === "down" ? "risk" : "warn"}
                />
                <div>
                  <b>{words.alarm[one.kind]}</b>
                  <span className={trunks.remedy}>{said(one).cause}</span>
                </div>
                <span className={`num ${trunks.when}`}>
                  {moment(one.since, now)}, {history.goesOn}
                </span>
              </li>
            ))}
            {faults.slice(0, SHOWN).map((one) => (
              <li key={one.at}>
                <Icon name={LOOKS[one.state].icon} tone={LOOKS[one.state].tone} />
                <div>
                  <b>{words.state[one.state]}</b>
                  <span className={trunks.remedy}>{said(one).cause}</span>
                </div>
                <span className={`num ${trunks.when}`}>
                  {moment(one.at, now)},{" "}
                  {one.until === null
                    ? history.goesOn
                    : history.lasted(about(Date.parse(one.until) - Date.parse(one.at)))}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}
