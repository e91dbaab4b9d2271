import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, type ReactNode, useState } from "react";
import { moment } from "../../i18n/format";
import { useTrunkWords } from "../../i18n/trunks";
import { milliseconds } from "./chain";
import style from "./Graph.module.css";
import { bandsOf, ceiling, type Frame, linePath, pointAt, type Span, ticksOf, xOf } from "./graph";
import type { History, Point } from "./types";

const BAND = 20;
const LANE = 56;
// how much of the band a state takes: told apart without its colour too
const SHARE = { up: 0.3, degraded: 0.65, down: 1, unknown: 0.15 } as const;

interface GraphProps {
  history: History;
  frame: Frame;
  span: Span;
  limit: number | null;
}

/** A trunk over time: states as a band, round trip and channels as lines, calls as bars. */
export function Graph({ history, frame, span, limit }: GraphProps) {
  const words = useTrunkWords();
  const { ref, width } = useElementSize();
  const [at, setAt] = useState<number | null>(null);
  const { points, states } = history;
  const step = history.step_s * 1000;
  const most = (pick: (point: Point) => number | null) =>
    Math.max(0, ...points.map((one) => pick(one) ?? 0));
  const tops = {
    rtt: ceiling(most((one) => one.rtt_ms)),
    channels: Math.max(limit ?? 0, ceiling(most((one) => one.channels))),
    calls: ceiling(most((one) => one.calls)),
  };
  const chosen = at === null || width === 0 ? null : pointAt(points, at, frame, width, step);
  const scale = { frame, width, height: LANE, step };
  const bar = Math.max(1, (step / (frame.to - frame.from)) * width - 1);
  return (
    <div className={style.graph} aria-hidden="true">
      <Readout point={chosen} />
      <div
        ref={ref}
        className={style.lanes}
        onPointerMove={(event: PointerEvent<HTMLDivElement>) =>
          setAt(event.clientX - event.currentTarget.getBoundingClientRect().left)
        }
        onPointerLeave={() => setAt(null)}
      >
        <Lane title={words.history.states} width={width} height={BAND} at={chosen && at}>
          {bandsOf(states, frame, width).map((one) => (
            <rect
              key={`${one.state}${one.x}`}
              className={style[one.state]}
              x={one.x}
              y={BAND * (1 - SHARE[one.state])}
              width={one.width}
              height={BAND * SHARE[one.state]}
            />
          ))}
        </Lane>
        <Lane
          title={words.history.rtt}
          max={words.history.max(milliseconds(tops.rtt))}
          width={width}
          height={LANE}
          at={chosen && at}
        >
          <path
            className={style.line}
            d={linePath(points, (one) => one.rtt_ms, { ...scale, top: tops.rtt })}
          />
        </Lane>
        <Lane
          title={words.history.channels}
          max={words.history.max(String(tops.channels))}
          width={width}
          height={LANE}
          at={chosen && at}
        >
          {limit !== null && (
            <line
              className={style.limit}
              x1={0}
              x2={width}
              y1={0.5 + LANE * (1 - limit / tops.channels)}
              y2={0.5 + LANE * (1 - limit / tops.channels)}
            />
          )}
          <path
            className={style.line}
            d={linePath(points, (one) => one.channels, { ...scale, top: tops.channels })}
          />
        </Lane>
        <Lane
          title={words.history.calls}
          max={words.history.max(String(tops.calls))}
          width={width}
          height={LANE}
          at={chosen && at}
        >
          {points.map((one) => (
            <Bars
              key={one.at}
              point={one}
              x={xOf(Date.parse(one.at), frame, width)}
              bar={bar}
              top={tops.calls}
            />
          ))}
        </Lane>
        <Axis span={span} frame={frame} width={width} />
      </div>
      <Legend />
    </div>
  );
}

interface LaneProps {
  title: string;
  max?: string;
  width: number;
  height: number;
  /** Where the pointer is. */
  at: number | null;
  children: ReactNode;
}

function Lane({ title, max, width, height, at, children }: LaneProps) {
  return (
    <div>
      <div className={style.name}>
        <span>{title}</span>
        {max && <span className="num">{max}</span>}
      </div>
      <svg
        className={style.lane}
        width={width}
        height={height}
        focusable="false"
        role="presentation"
      >
        {children}
        {at !== null && <line className={style.at} x1={at} x2={at} y1={0} y2={height} />}
      </svg>
    </div>
  );
}

function Bars({ point, x, bar, top }: { point: Point; x: number; bar: number; top: number }) {
  const all = (point.calls / top) * LANE;
  const failed = (Math.min(point.failed, point.calls) / top) * LANE;
  if (point.calls === 0) return null;
  return (
    <>
      <rect className={style.bar} x={x} y={LANE - all} width={bar} height={all - failed} />
      <rect className={style.down} x={x} y={LANE - failed} width={bar} height={failed} />
    </>
  );
}

function Axis({ span, frame, width }: { span: Span; frame: Frame; width: number }) {
  return (
    <svg className={style.axis} width={width} height={20} focusable="false" role="presentation">
      {ticksOf(span, frame, width).map(({ at, label }) => {
        const x = xOf(at, frame, width);
        const anchor = x < 24 ? "start" : x > width - 24 ? "end" : "middle";
        return (
          <g key={at}>
            <line x1={x} x2={x} y1={0} y2={4} />
            <text x={x} y={16} textAnchor={anchor}>
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function Readout({ point }: { point: Point | null }) {
  const { history, notKnown } = useTrunkWords();
  if (point === null) return <p className={style.readout}>{history.point}</p>;
  const { rtt_ms: rtt, channels, calls, failed } = point;
  return (
    <p className={`num ${style.readout}`}>
      <b>{moment(point.at, Date.now())}</b> {history.rtt}{" "}
      {rtt === null ? notKnown : milliseconds(rtt)} · {history.channels} {channels} ·{" "}
      {history.calls} {calls}
      {failed > 0 && `, ${failed} ${history.failed}`}
    </p>
  );
}

function Legend() {
  const { state, history } = useTrunkWords();
  return (
    <ul className={style.legend}>
      {(["up", "degraded", "down", "unknown"] as const).map((one) => (
        <li key={one}>
          <svg width={16} height={12} focusable="false" role="presentation">
            <rect
              className={style[one]}
              width={16}
              y={12 * (1 - SHARE[one])}
              height={12 * SHARE[one]}
            />
          </svg>
          {state[one]}
        </li>
      ))}
      <li>
        <svg width={8} height={12} focusable="false" role="presentation">
          <rect className={style.bar} width={8} height={7} />
          <rect className={style.down} width={8} y={7} height={5} />
        </svg>
        {history.calls}, {history.failed}
      </li>
    </ul>
  );
}
