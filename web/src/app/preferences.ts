import { external, usePart } from "../api/external";

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

/** What a person chose for this browser; other tabs follow. */
export const preferences = external<Preferences>(stored());

/** Change some of them and keep that. */
export function prefer(change: Partial<Preferences>): void {
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
