import { language } from "../../i18n/language";

const LOCALES = { it: "it", en: "en-GB" } as const;

/** A figure as people of the page's language write it: 4,2 or 4.2. */
export function decimal(value: number, digits: number): string {
  return new Intl.NumberFormat(LOCALES[language.get()], {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** Seconds of a measured call: 3,2 s; 14 s from ten on. */
export function seconds(value: number): string {
  return `${decimal(value, value < 10 ? 1 : 0)}\u00a0s`;
}
