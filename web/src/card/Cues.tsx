import { useId, useState } from "react";
import { Icon } from "../ui/Icon";
import style from "./Cues.module.css";
import { type ShownCue, shownCues } from "./cues";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

const SLOTS = 3;

/** Three slots, most severe left; what does not fit is behind "+n" in the third. */
export function Cues({ card }: { card: Card }) {
  const words = useCardWords();
  const { people, now } = useSurroundings();
  const [open, setOpen] = useState(false);
  const listId = useId();
  const all = shownCues(card.pop.cues, words, people, now());
  const hidden = all.length > SLOTS ? all.slice(SLOTS) : [];
  const slots = Array.from({ length: SLOTS }, (_, i) => all[i] ?? null);
  return (
    <div className={style.wrap} data-part="cues">
      <ul className={style.cues} aria-label={words.cues}>
        {slots.map((cue, i) => (
          // a slot is a place: what stands in it may change, the place does not
          // biome-ignore lint/suspicious/noArrayIndexKey: the index is the place
          <li key={i} className={cue === null ? style.empty : undefined}>
            {cue !== null && <OneCue cue={cue} />}
            {i === SLOTS - 1 && hidden.length > 0 && (
              <button
                type="button"
                className={style.more}
                aria-expanded={open}
                aria-controls={listId}
                onClick={() => setOpen(!open)}
              >
                {words.moreCues(hidden.length)}
                <span className="vh">: {words.moreCuesLabel(hidden.length)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {open && hidden.length > 0 && (
        <ul id={listId} className={style.list} aria-label={words.moreCuesLabel(hidden.length)}>
          {hidden.map((cue) => (
            <li key={cue.key}>
              <OneCue cue={cue} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function OneCue({ cue }: { cue: ShownCue }) {
  return (
    <div key={cue.key + cue.word} className={`${style.cue} late`}>
      <Icon name={cue.icon} tone={cue.tone} />
      <b>{cue.word}</b>
      <span dir="auto" title={cue.reason}>
        {cue.reason}
      </span>
    </div>
  );
}
