import { app as enApp } from "./en/app";
import { pages as enPages } from "./en/pages";
import { app as itApp } from "./it/app";
import { pages as itPages } from "./it/pages";
import { type Language, language } from "./language";
import { useSetting } from "./setting";

const it = { app: itApp, pages: itPages };

/** Every sentence of the page by area; the Italian catalogue says which there are. */
export type Words = typeof it;

const en: Words = { app: enApp, pages: enPages };

const CATALOGUES: Record<Language, Words> = { it, en };

/** The words of the page's language, outside components. */
export function t(): Words {
  return CATALOGUES[language.get()];
}

/** The words of the page's language; the component is drawn again when the language changes. */
export function useT(): Words {
  return CATALOGUES[useSetting(language)];
}
