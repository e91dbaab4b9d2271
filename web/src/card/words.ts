/** The card's own catalogue: it comes with the card, not with the first load. */

import { card as en } from "../i18n/en/card";
import { type CardWords, card as it } from "../i18n/it/card";
import { type Language, language } from "../i18n/language";
import { useSetting } from "../i18n/setting";

const CATALOGUES: Record<Language, CardWords> = { it, en };

export type { CardWords };

/** The words of the page's language. */
export function cardWords(): CardWords {
  return CATALOGUES[language.get()];
}

/** The same in a component, which is drawn again when the language changes. */
export function useCardWords(): CardWords {
  return CATALOGUES[useSetting(language)];
}

/** The name of a language in the page's language; the code where the browser does not know it. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([language.get()], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
