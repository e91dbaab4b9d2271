import { createSetting } from "./setting";

export type Language = "it" | "en";
export const LANGUAGES: readonly Language[] = ["it", "en"];

function ofBrowser(): Language {
  return navigator.languages.some((tag) => /^it\b/i.test(tag)) ? "it" : "en";
}

/** The language of the page: chosen by a person, else the browser's; customers' words keep theirs. */
export const language = createSetting<Language>({
  key: "filodiretto.language",
  initial: ofBrowser(),
  read: (text) => LANGUAGES.find((one) => one === text),
});

const mark = () => {
  document.documentElement.lang = language.get();
};
language.subscribe(mark);
mark();
