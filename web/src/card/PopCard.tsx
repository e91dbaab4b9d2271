import { type MouseEvent, useEffect, useId, useRef, useState } from "react";
import { Band } from "./Band";
import style from "./Card.module.css";
import { Context } from "./Context";
import { Cues } from "./Cues";
import { Dock } from "./Dock";
import { Folded } from "./Folded";
import { GoneLine } from "./GoneLine";
import { isHidden, naming } from "./naming";
import type { AfterCall } from "./Outcome";
import { useCardKeys, usePanel } from "./panels";
import { usePhone } from "./phoneControls";
import { StateLine } from "./StateLine";
import { useSurroundings } from "./surroundings";
import { type Tab, Tabs } from "./Tabs";
import type { Card, Effect } from "./types";
import { Who } from "./Who";
import { type Panel, Work } from "./Work";
import { useCardWords } from "./words";

/** A click meant for what was here before the card came is not a click on it. */
const GUARD_MS = 400;

interface PopCardProps {
  card: Card;
  /** Whole, or only its state line. */
  open: boolean;
  receipts: readonly Effect[];
  silent: string | null;
  afterCall: AfterCall | null;
  /** For the gallery: which panel is open at first. */
  panel?: Panel | undefined;
}

/** One call's card: the same parts in the same places from the first ring to the outcome. */
export function PopCard(props: PopCardProps) {
  const { card, open } = props;
  if (card.phase === "gone") return <GoneLine card={card} receipts={props.receipts} />;
  return open ? <WholeCard {...props} /> : <FoldedCard card={card} />;
}

function toneOf(card: Card): string {
  if (card.phase === "talk" && card.heldSince !== null) return "hold";
  return card.phase;
}

function useGuard(): (event: MouseEvent) => void {
  const born = useRef(0);
  useEffect(() => {
    born.current = performance.now();
  }, []);
  return (event) => {
    // keys make clicks too (detail 0): somebody pressed them on a part that had the focus
    if (event.detail > 0 && performance.now() - born.current < GUARD_MS) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

function FoldedCard({ card }: { card: Card }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const phone = usePhone(card);
  const guard = useGuard();
  const { name } = naming(card.pop, words, people);
  const resume = card.heldSince !== null && phone.can("hold") ? () => phone.press("unhold") : null;
  return (
    <article
      className={`${style.card} ${style[toneOf(card)] ?? ""}`}
      data-call={card.callId}
      tabIndex={-1}
      data-phase={card.phase}
      data-folded=""
      aria-label={name}
      onClickCapture={guard}
    >
      <div className={style.bar} data-part="bar" />
      <Folded card={card} failure={phone.failure} onResume={resume} />
    </article>
  );
}

function WholeCard({ card, receipts, silent, afterCall, panel: first }: PopCardProps) {
  const { lostAt } = useSurroundings();
  const headingId = useId();
  const guard = useGuard();
  const phone = usePhone(card);
  const node = useRef<HTMLElement>(null);
  const [panel, setPanel] = usePanel(first ?? null, card);
  const [tab, setTab] = useState<Tab>(first || card.phase === "ended" ? "work" : "context");
  useEffect(() => {
    if (card.phase === "ended") setTab("work");
  }, [card.phase]);
  const show = (wanted: Panel | null) => {
    setPanel(wanted);
    setTab("work");
  };
  const focus = (field: string) => {
    setTab("work");
    setPanel(null);
    window.requestAnimationFrame(() => {
      const part = node.current?.querySelector<HTMLElement>(`[data-field="${field}"]`);
      (part?.matches("textarea") ? part : part?.querySelector("button"))?.focus();
    });
  };
  useCardKeys(card, phone, { show, focus });
  const unknown =
    card.pop.contact === null &&
    card.pop.call.contact === null &&
    card.pop.match.kind === "none" &&
    !isHidden(card.pop.call) &&
    !card.pop.match.pending;
  const stale = lostAt !== null && card.phase !== "ended" ? style.stale : "";
  return (
    <article
      ref={node}
      className={`${style.card} ${style.whole} ${style[toneOf(card)] ?? ""} ${stale ?? ""}`}
      data-call={card.callId}
      tabIndex={-1}
      data-phase={card.phase}
      aria-labelledby={headingId}
      onClickCapture={guard}
    >
      <div className={style.bar} data-part="bar" />
      <StateLine card={card} receipts={receipts} failure={phone.failure} />
      <Who
        card={card}
        headingId={headingId}
        phone={phone}
        onTransfer={() => show("transfer")}
        onContact={() => show("contact")}
        onLink={() => show("link")}
      />
      <Band card={card} />
      <Cues card={card} />
      <Tabs card={card} tab={tab} panel={panel} onTab={setTab} />
      <div className={style.cols} data-part="columns">
        <div
          className={`${style.context} ${tab === "context" ? "" : (style.off ?? "")}`}
          data-part="context"
        >
          <Context
            card={card}
            receipts={receipts}
            silent={silent}
            onContact={() => show("contact")}
            onLink={() => show("link")}
          />
        </div>
        <div
          className={`${style.work} ${tab === "work" ? "" : (style.off ?? "")}`}
          data-part="work"
        >
          <Work
            card={card}
            phone={phone}
            panel={panel}
            receipts={receipts}
            silent={silent}
            afterCall={afterCall}
            onPanel={show}
          />
        </div>
      </div>
      <Dock
        card={card}
        phone={phone}
        onTransfer={() => show("transfer")}
        onNotes={() => focus("note")}
        onContact={unknown ? () => show("contact") : null}
      />
    </article>
  );
}
