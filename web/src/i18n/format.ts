import { language } from "./language";

const NBSP = "\u00a0";
const two = (n: number) => String(n).padStart(2, "0");

/** A time of day: 11:26, or 11:26:40 with seconds; in the browser's time zone. */
export function clock(at: string | number | Date, seconds = false): string {
  const date = new Date(at);
  const text = `${date.getHours()}:${two(date.getMinutes())}`;
  return seconds ? `${text}:${two(date.getSeconds())}` : text;
}

/** A duration as a clock shows it: 0:48, 4:10, 1:02:03. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}:${two(s % 60)}`;
  return `${Math.floor(m / 60)}:${two(m % 60)}:${two(s % 60)}`;
}

/** A duration in words: 40 s, 48 min, 2 h, 3 giorni; for lists, where seconds do not matter. */
export function about(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))}${NBSP}s`;
  if (minutes < 60) return `${minutes}${NBSP}min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}${NBSP}h`;
  return `${Math.floor(hours / 24)}${NBSP}${language.get() === "it" ? "giorni" : "days"}`;
}

/** A day: oggi, ieri, mar 17, 17 nov 2024; `now` in milliseconds says which day it is. */
export function day(at: string | number | Date, now: number): string {
  const date = new Date(at);
  const today = new Date(now);
  const days = Math.round((midnight(today) - midnight(date)) / 86_400_000);
  const italian = language.get() === "it";
  if (days === 0) return italian ? "oggi" : "today";
  if (days === 1) return italian ? "ieri" : "yesterday";
  if (days === -1) return italian ? "domani" : "tomorrow";
  const options: Intl.DateTimeFormatOptions =
    Math.abs(days) < 7
      ? { weekday: "short", day: "numeric" }
      : date.getFullYear() === today.getFullYear()
        ? { day: "numeric", month: "short" }
        : { day: "numeric", month: "short", year: "numeric" };
  return new Intl.DateTimeFormat(italian ? "it" : "en-GB", options).format(date);
}

/** Day and time of day: oggi 11:02, mar 17, 9:40. */
export function moment(at: string | number | Date, now: number): string {
  const name = day(at, now);
  return `${name}${/\d/.test(name) ? "," : ""} ${clock(at)}`;
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

const ITALIAN = [
  /^\+39(3\d\d)(\d{3})(\d{3,4})$/,
  /^\+39(0[26])(\d{4})(\d{2,4})$/,
  /^\+39(0\d\d)(\d{3})(\d{3,5})$/,
];
const ABROAD = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d{4,})$/;

/** A telephone number in groups that do not break; what is no E.164 number stays as it came. */
export function phone(number: string): string {
  for (const shape of ITALIAN) {
    const groups = shape.exec(number);
    if (groups) return ["+39", ...groups.slice(1)].join(NBSP);
  }
  const groups = ABROAD.exec(number);
  if (!groups) return number;
  const [, country, rest] = groups;
  return `+${country}${NBSP}${(rest ?? "").replace(/(\d{3})(?=\d{2,}$|\d{3})/g, `$1${NBSP}`)}`;
}

/** A count with its noun: 1 tentativo, 3 tentativi. */
export function count(n: number, one: string, many: string): string {
  return `${n}${NBSP}${n === 1 ? one : many}`;
}
