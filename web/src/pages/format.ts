import { clock, day } from "../i18n/format";
import { language } from "../i18n/language";

const NBSP = "\u00a0";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LOCALES = { it: "it", en: "en-GB" } as const;

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const two = (n: number) => String(n).padStart(2, "0");

/** The local day as 2026-11-19: entries of one day have the same. */
export function dayKey(at: string | number | Date): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The heading of a day: Oggi, giovedì 19 novembre; Mercoledì 18; Lunedì 3 novembre 2025. */
export function dayTitle(at: string | number | Date, now: number): string {
  const date = new Date(at);
  const locale = LOCALES[language.get()];
  const written = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, options).format(date);
  const weekday = written({ weekday: "long" });
  const whole = `${date.getDate()}${NBSP}${written({ month: "long" })}`;
  if (dayKey(at) === dayKey(now)) return `${upper(day(at, now))}, ${weekday} ${whole}`;
  const past = now - date.getTime();
  if (past > 0 && past < 6 * DAY) return `${upper(weekday)} ${date.getDate()}`;
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return `${upper(weekday)} ${whole}${sameYear ? "" : ` ${date.getFullYear()}`}`;
}

/** The time of today, else the day: 11:24, ieri, mar 17. */
export function shortly(at: string | number | Date, now: number): string {
  return dayKey(at) === dayKey(now) ? clock(at) : day(at, now);
}

/** Seconds as words: 38 s, 6 min 38 s, 1 h 02 min. */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  if (hours > 0) return `${hours}${NBSP}h${NBSP}${two(minutes)}${NBSP}min`;
  if (minutes > 0) return `${minutes}${NBSP}min${NBSP}${two(whole % 60)}${NBSP}s`;
  return `${whole}${NBSP}s`;
}

/** How long, for who decides by it: 48 min, 1 h 05, 16 h, 3 giorni. */
export function age(ms: number): string {
  const span = Math.max(0, ms);
  if (span < HOUR) return `${Math.max(1, Math.floor(span / MINUTE))}${NBSP}min`;
  const hours = Math.floor(span / HOUR);
  if (hours < 10) return `${hours}${NBSP}h${NBSP}${two(Math.floor((span % HOUR) / MINUTE))}`;
  if (span < 2 * DAY) return `${hours}${NBSP}h`;
  return `${Math.floor(span / DAY)}${NBSP}${language.get() === "it" ? "giorni" : "days"}`;
}

/** What a field of type datetime-local holds for a moment, in local time. */
export function fieldTime(at: number): string {
  const date = new Date(at);
  return `${dayKey(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
