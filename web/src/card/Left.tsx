import { clock } from "../i18n/format";
import { shortName } from "./band";
import fields from "./Fields.module.css";
import { Section } from "./Section";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

/** So many characters of what was done and is wanted stand in the band. */
const BAND_HOLDS = 60;

/** What a colleague wrote, whole: the band shows its first line only. */
export function Left({ card }: { card: Card }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const left = card.pop.handoff;
  if (left === null) return null;
  const parts = [left.note, long(words.done, left.done), long(words.wants, left.wants)];
  const text = parts.filter(Boolean).join("\n");
  if (text === "") return null;
  const title =
    left.by === null
      ? words.menuNote
      : words.colleagueNote(shortName(people.byLogin(left.by)), clock(left.at));
  return (
    <Section title={title}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
      <p className={fields.left} dir="auto" tabIndex={0}>
        {text}
      </p>
    </Section>
  );
}

/** What the band cannot show whole. */
function long(word: string, text: string | null): string | null {
  return text !== null && text.length > BAND_HOLDS ? `${word} ${text}` : null;
}
