import { clock, day } from "../../i18n/format";
import { language } from "../../i18n/language";
import { dayKey } from "../format";

// one o'clock has its own form: all'1, dall'1
const italian = (word: string, at: string) =>
  new Date(at).getHours() === 1 ? `${word}l’${clock(at)}` : `${word}le ${clock(at)}`;

/** When something happened, for the middle of a sentence: alle 12:28, ieri alle 9:40; at 12:28. */
export function atTime(at: string, now: number): string {
  const time = language.get() === "it" ? italian("al", at) : `at ${clock(at)}`;
  return dayKey(at) === dayKey(now) ? time : `${day(at, now)} ${time}`;
}

/** Since when something is so: dalle 12:16, da ieri, dal 17 nov; since 12:16. */
export function sinceTime(at: string, now: number): string {
  const today = dayKey(at) === dayKey(now);
  if (language.get() !== "it") return `since ${today ? clock(at) : day(at, now)}`;
  if (today) return italian("dal", at);
  const name = day(at, now);
  return `${/^\d/.test(name) ? "dal" : "da"} ${name}`;
}
