import { clock, day, moment } from "../i18n/format";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { shortName } from "./band";
import style from "./Said.module.css";
import { Section } from "./Section";
import { useSurroundings } from "./surroundings";
import type { Card, SaidItem } from "./types";
import { type CardWords, useCardWords } from "./words";

/** What is known, verified or sent: nobody has to say it twice. */
export function Said({ card }: { card: Card }) {
  const words = useCardWords();
  const { people, now } = useSurroundings();
  return (
    <Section title={words.said}>
      <ul className={`${style.said} late`}>
        {card.pop.said.map((item) => {
          const who = item.by === null ? "" : shortName(people.byLogin(item.by));
          return (
            <li
              key={`${item.kind} ${item.text ?? ""} ${item.at}`}
              title={[who, moment(item.at, now())].filter(Boolean).join(", ")}
            >
              <Icon name="tick" tone="ok" />
              <Name className="cut">{saidText(item, words)}</Name>
              {item.kind !== "told" && <span className="dim num">{shortly(item.at, now())}</span>}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function saidText(item: SaidItem, words: CardWords): string {
  if (item.kind === "identity_verified") return words.verified;
  if (item.kind === "apology_made") return words.apologise;
  return item.text ?? "";
}

/** The time today, else the day. */
function shortly(at: string, now: number): string {
  const same = new Date(at).toDateString() === new Date(now).toDateString();
  return same ? clock(at) : day(at, now);
}
