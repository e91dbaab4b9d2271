import { external, usePart } from "../api/external";
import { LANGUAGES, type Language, language } from "../i18n/language";

export type Theme = "auto" | "light" | "dark";

export interface Preferences {
  theme: Theme;
  /** Sounds of the page; the phone rings by itself. */
  sound: boolean;
  /** 0 to 1. */
  volume: number;
  /** Also while the page is in view; else only when it is hidden. */
  soundAlways: boolean;
  /** Notifications of the computer, if the browser was allowed to show them. */
  notifications: boolean;
  /** Commands of one letter. */
  singleKeys: boolean;
}

/** What goes with a person to every machine; whether it sounds in view is the matter of each screen. */
export interface Choices extends Omit<Preferences, "soundAlways"> {
  language: Language;
}

type Change = Partial<Preferences & Choices>;

const KEY = "filodiretto.preferences";
const USUAL: Preferences = {
  theme: "auto",
  sound: true,
  volume: 0.6,
  soundAlways: false,
  notifications: true,
  singleKeys: true,
};

function stored(): Preferences {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return checked(found);
  } catch {
    return USUAL;
  }
}

function checked(found: unknown): Preferences {
  const given = (typeof found === "object" && found !== null ? found : {}) as Partial<Preferences>;
  const flag = (value: unknown, usual: boolean) => (typeof value === "boolean" ? value : usual);
  const { theme, volume } = given;
  return {
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    sound: flag(given.sound, USUAL.sound),
    volume: typeof volume === "number" ? Math.min(1, Math.max(0, volume)) : USUAL.volume,
    soundAlways: flag(given.soundAlways, USUAL.soundAlways),
    notifications: flag(given.notifications, USUAL.notifications),
    singleKeys: flag(given.singleKeys, USUAL.singleKeys),
  };
}

/** How this browser does it; other tabs follow. */
export const preferences = external<Preferences>(stored());
const listeners = new Set<(change: Partial<Choices>) => void>();

/** Call the listener when a person chooses something here; returns how to stop. */
export function onPreferred(listener: (change: Partial<Choices>) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A person changes some of them. */
export function prefer(change: Change): void {
  adopt(change);
  const { soundAlways: _, ...choices } = change;
  for (const listener of listeners) listener(choices);
}

/** All that goes with a person, as it is here. */
export function choicesHere(): Choices {
  const { soundAlways: _, ...choices } = preferences.get();
  return { ...choices, language: language.get() };
}

/** Do it like this in this browser from now on, without a person having chosen it here. */
export function adopt({ language: spoken, ...change }: Change): void {
  const known = LANGUAGES.find((one) => one === spoken);
  if (known !== undefined && known !== language.get()) language.set(known);
  const changed = checked({ ...preferences.get(), ...change });
  preferences.set(changed);
  try {
    localStorage.setItem(KEY, JSON.stringify(changed));
  } catch {
    // storage is switched off: the choice holds for this visit
  }
}

window.addEventListener("storage", (event) => {
  if (event.key === KEY) preferences.set(stored());
});

/** Follow one of them. */
export function usePreference<Name extends keyof Preferences>(name: Name): Preferences[Name] {
  return usePart(preferences, (all) => all[name]);
}
