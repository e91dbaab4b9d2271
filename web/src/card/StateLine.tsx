import type { ReactNode } from "react";
import { clock, phone, span } from "../i18n/format";
import { Icon } from "../ui/Icon";
import type { IconName } from "../ui/icons";
import { Name } from "../ui/Name";
import { Elapsed } from "./Elapsed";
import { crmLabel, type People } from "./naming";
import style from "./StateLine.module.css";
import { crmLabels, useSurroundings } from "./surroundings";
import type { Card, Effect, Pop } from "./types";
import { type CardWords, useCardWords } from "./words";

interface StateLineProps {
  card: Card;
  receipts: readonly Effect[];
  /** Why the last command failed. */
  failure: string | null;
}

/** The first line: state and time, queue and number called, how long they waited, where to answer. */
export function StateLine({ card, receipts, failure }: StateLineProps) {
  return (
    <div className={style.line} data-part="state">
      <State card={card} />
      {card.phase === "ended" ? <Past card={card} /> : <Present card={card} />}
      <Right card={card} receipts={receipts} failure={failure} />
    </div>
  );
}

export function stateIcon(card: Card): IconName {
  if (card.phase === "ended") return "note";
  if (card.phase === "talk") return card.heldSince === null ? "phone" : "hold";
  return card.pop.handoff === null ? "ring" : "move";
}

export function stateWord(card: Card, words: CardWords): string {
  if (card.phase === "ended") return words.ended;
  if (card.phase === "talk") return card.heldSince === null ? words.talking : words.onHold;
  if (card.pop.handoff?.by) return words.handedOver;
  return card.pop.call.direction === "outbound" ? words.ringingOut : words.ringing;
}

/** State and since when; of a page that hears nothing, how it was when it last did. */
export function State({ card }: { card: Card }) {
  const words = useCardWords();
  const { lostAt } = useSurroundings();
  const tone = card.phase === "talk" ? (card.heldSince === null ? "talk" : "hold") : card.phase;
  if (lostAt !== null && card.phase !== "ended") {
    const at = words.dated(clock(lostAt, true));
    return (
      <span className={style.state}>
        <Icon name={stateIcon(card)} />
        {stateWord(card, words)}, {at}
      </span>
    );
  }
  return (
    <span className={`${style.state} ${style[tone] ?? ""}`}>
      <Icon name={stateIcon(card)} />
      {stateWord(card, words)}
      {card.phase !== "ended" && <Elapsed since={card.heldSince ?? card.since} />}
    </span>
  );
}

function Present({ card }: { card: Card }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const { pop } = card;
  const { call } = pop;
  const by = pop.handoff?.by ?? null;
  const number = call.direction === "inbound" ? (call.called.e164 ?? call.called.number) : null;
  const queue = call.queue ?? pop.line?.label ?? call.line;
  return (
    <>
      {by !== null && card.phase === "ring" ? (
        <Fact icon="person">{handedBy(pop, words, people)}</Fact>
      ) : (
        (queue || number) && (
          <Fact icon="queue">
            {queue && <Name>{queue}</Name>}
            {number && (
              <span className={`num ${style.called}`}>
                {queue ? ", " : ""}
                {phone(number)}
              </span>
            )}
            {call.ivr.length > 0 && (
              <Name className={style.menu}>{` · ${call.ivr.at(-1) ?? ""}`}</Name>
            )}
          </Fact>
        )
      )}
      <Diverted pop={pop} />
      <Waited card={card} />
    </>
  );
}

/** Whose telephone sent the call on to us, and why. */
function Diverted({ pop }: { pop: Pop }) {
  const words = useCardWords();
  const from = pop.provenance?.diverted_from ?? null;
  if (from === null) return null;
  const number = from.e164 ?? from.number;
  return (
    <Fact icon="move">
      <span className="num">
        {words.divertedFrom(number === null ? "" : phone(number), words.divertedWhy[from.reason])}
      </span>
    </Fact>
  );
}

/** Who hands it over: on the line first where they ask before, else only where it comes from. */
function handedBy(pop: Pop, words: CardWords, people: People): ReactNode {
  const left = pop.handoff;
  const asks = left !== null && left.call_id !== pop.call_id;
  const phone = left?.extension ? ` (${left.extension})` : "";
  return before(asks ? words.firstTalks : words.handedBy, people.byLogin(left?.by ?? null) + phone);
}

/** A sentence around a name from outside, which keeps its own direction. */
function before(template: (name: string) => string, name: string): ReactNode {
  const [start = "", end = ""] = template("\u0000").split("\u0000");
  return (
    <>
      {start}
      <Name>{name}</Name>
      {end}
    </>
  );
}

function Waited({ card }: { card: Card }) {
  const words = useCardWords();
  const { pop } = card;
  const { call } = pop;
  if (card.phase === "ring" && pop.handoff?.by && call.started_at !== null) {
    return (
      <Fact icon="wait">
        {words.withUs}{" "}
        <b>
          <Elapsed since={Date.parse(call.started_at)} />
        </b>
      </Fact>
    );
  }
  if (card.phase === "ring" && pop.waiting_since !== null) {
    return (
      <Fact icon="wait">
        {words.waiting}{" "}
        <b>
          <Elapsed since={Date.parse(pop.waiting_since)} />
        </b>
      </Fact>
    );
  }
  if (call.seconds.wait === null || card.phase === "ring") return null;
  return (
    <Fact icon="wait">
      {words.waited} <b className="num">{span(call.seconds.wait * 1_000)}</b>
    </Fact>
  );
}

function Past({ card }: { card: Card }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const { call } = card.pop;
  const moved = card.reason === "transferred" ? call.transfers.at(-1) : undefined;
  const { talk, wait } = call.seconds;
  const side =
    call.ended_by === null
      ? null
      : (call.ended_by === "caller") === (call.direction === "inbound")
        ? words.closedByCaller
        : words.closedByUs;
  return (
    <>
      {talk !== null && (
        <Fact icon="phone">
          {words.talked} <b className="num">{span(talk * 1_000)}</b>
        </Fact>
      )}
      {wait !== null && (
        <Fact icon="wait">
          {words.waitedEnd} <b className="num">{span(wait * 1_000)}</b>
        </Fact>
      )}
      {moved !== undefined && (
        <Fact icon="move">
          {before(words.forwardedTo, people.byExtension(moved.to) || (moved.to ?? ""))}
        </Fact>
      )}
      {side !== null && card.reason !== "transferred" && <Fact icon="hangup">{side}</Fact>}
    </>
  );
}

function Fact({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <span className={style.fact}>
      <Icon name={icon} />
      {children}
    </span>
  );
}

function Right({ card, receipts, failure }: StateLineProps) {
  const words = useCardWords();
  const { lostAt, crms } = useSurroundings();
  if (failure !== null) {
    return (
      <span className={`${style.right} ${style.failure}`} title={failure}>
        <Icon name="risk" />
        <span className="cut">{failure}</span>
      </span>
    );
  }
  if (lostAt !== null) return <span className={`${style.right} dim`}>{words.stale}</span>;
  if (card.phase === "ended") {
    const written = receipts.find((one) => one.state === "delivered");
    if (written === undefined) return null;
    const crm = crmLabel(written.connector, crmLabels(crms));
    return (
      <span className={style.right}>
        <Icon name="ok" tone="ok" />
        {words.crmWritten(crm, clock(written.settled_at ?? written.occurred_at, true))}
      </span>
    );
  }
  if (card.phase === "talk") {
    if (card.pop.call.recordings.length === 0) return null;
    return (
      <span className={style.right}>
        <Icon name="record" tone="risk" />
        {words.recorded}
      </span>
    );
  }
  return (
    <span className={style.right}>
      <Icon name="phone" />
      {words.answerOn}&nbsp;<b className="num">{card.pop.extension}</b>
    </span>
  );
}
