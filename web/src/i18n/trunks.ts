import { trunks as en } from "./en/trunks";
import { trunks as it } from "./it/trunks";
import { type Language, language } from "./language";
import { useSetting } from "./setting";

/** The words of trunks; loaded with their pages, because few people ever open them. */
export type TrunkWords = typeof it;

const CATALOGUES: Record<Language, TrunkWords> = { it, en };

/** These words in the page's language, outside components. */
export function trunkWords(): TrunkWords {
  return CATALOGUES[language.get()];
}

/** The same in a component, which is drawn again when the language changes. */
export function useTrunkWords(): TrunkWords {
  return CATALOGUES[useSetting(language)];
}
