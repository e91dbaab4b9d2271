import { Icon } from "../ui/Icon";
import style from "./Doubt.module.css";
import { Section } from "./Section";
import type { Card, Pop } from "./types";
import { type CardWords, useCardWords } from "./words";

type Step = Pop["match"]["why"][number];

/** Why it is not certain who calls: how the directory decided, step by step. */
export function Doubt({ card }: { card: Card }) {
  const words = useCardWords();
  const { match, contact } = card.pop;
  if (contact !== null && match.kind === "exact") return null;
  const steps =
    match.why.length === match.steps.length
      ? match.why.map((step, i) => stepWords(step, words) ?? match.steps[i])
      : match.steps;
  const shown = steps.filter((text) => text !== undefined && text !== "");
  if (shown.length === 0) return null;
  return (
    <Section title={words.whyNotSure}>
      <ul className={`${style.steps} late`}>
        {shown.map((text) => (
          <li key={text}>
            <Icon name="dash" />
            <span dir="auto">{text}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** A decision in the page's language; undefined where there are no words for it. */
function stepWords({ code, args }: Step, words: CardWords): string | undefined {
  const text = (name: string) => String(args[name] ?? "");
  const number = (name: string) => Number(args[name] ?? 0);
  switch (code) {
    case "no_number":
      return words.w_no_number;
    case "withheld":
      return words.w_withheld;
    case "not_e164":
      return words.w_not_e164;
    case "own_number":
      return words.w_own_number;
    case "ignored":
      return words.w_ignored;
    case "chosen":
      return words.w_chosen(text("name"));
    case "hits":
      return words.w_hits(number("people"), number("companies"));
    case "no_hit":
      return words.w_no_hit;
    case "one_person":
      return words.w_one_person(text("name"));
    case "person_over_company":
      return words.w_person_over_company;
    case "by_extension":
      return words.w_by_extension(text("name"));
    case "several_people":
      return words.w_several_people(number("people"));
    case "one_company":
      return words.w_one_company(text("name"));
    case "several_companies":
      return words.w_several_companies(number("companies"));
    case "behind_switchboard":
      return words.w_behind_switchboard(number("people"));
    case "in_range":
      return words.w_in_range(text("name"));
    case "several_ranges":
      return words.w_several_ranges;
    case "written_otherwise":
      return words.w_written_otherwise;
    default:
      return "";
  }
}
