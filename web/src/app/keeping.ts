/**
 * What a person chose goes with them: read from the daemon when they sign in, written there when they
 * choose. This browser keeps it too, for the door and for a daemon that does not answer.
 */

import { get, patch } from "../api/client";
import { external, usePart } from "../api/external";
import { ApiProblem } from "../api/problem";
import type { components } from "../api/schema";
import { desk } from "../api/store";
import { t } from "../i18n";
import { say } from "./announcer";
import { adopt, type Choices, choicesHere, onPreferred } from "./preferences";
import { session } from "./session";

export type Kept = components["schemas"]["Preferences"];
type Wanted = components["schemas"]["PreferencesChange"];

const UNSENT = "filodiretto.preferences.unsent";
const SOON_MS = 500;
const AGAIN_MS = 30_000;
const PERCENT = 100;
/** What the daemon answers for somebody of whom it keeps nothing. */
const UNTOUCHED: Kept = {
  language: null,
  theme: null,
  sound: true,
  volume: PERCENT,
  notifications: false,
  single_keys: true,
};

/**
 * What holds after signing in: what was chosen here and not sent yet, else what is kept for the
 * person, else this browser's own. A page keeps the language with the rest, so without a language
 * only what differs from the daemon's own start was ever chosen.
 */
export function merged(own: Choices, kept: Kept, chosen: Partial<Choices>): Choices {
  const whole = kept.language !== null;
  const has = (name: keyof Kept) => whole || kept[name] !== UNTOUCHED[name];
  return {
    language: kept.language ?? own.language,
    theme: has("theme") ? (kept.theme ?? "auto") : own.theme,
    sound: has("sound") ? kept.sound : own.sound,
    volume: has("volume") ? kept.volume / PERCENT : own.volume,
    notifications: has("notifications") ? kept.notifications : own.notifications,
    singleKeys: has("single_keys") ? kept.single_keys : own.singleKeys,
    ...chosen,
  };
}

function wanted({ theme, volume, singleKeys, ...same }: Partial<Choices>): Wanted {
  return {
    ...same,
    ...(theme === undefined ? {} : { theme: theme === "auto" ? null : theme }),
    ...(volume === undefined ? {} : { volume: Math.round(volume * PERCENT) }),
    ...(singleKeys === undefined ? {} : { single_keys: singleKeys }),
  };
}

const unkept = external(false);
let login: string | null = null;
/** What the daemon keeps; null until it said so. */
let kept: Kept | null = null;
/** What was chosen here and is not kept yet. */
let chosen: Partial<Choices> = {};
let running = false;
let timer = 0;

/** Whether something that was chosen here could not be written to the daemon yet. */
export function useUnkept(): boolean {
  return usePart(unkept, (value) => value);
}

/** Begin to follow who is signed in and what they choose; returns how to stop. */
export function keepPreferences(): () => void {
  const ends = [session.subscribe(follow), onPreferred(note)];
  follow();
  return () => {
    for (const end of ends) end();
    window.clearTimeout(timer);
  };
}

function follow(): void {
  const who = session.get().phase === "in" ? (desk.get().me?.login ?? null) : null;
  if (who === login) return;
  window.clearTimeout(timer);
  login = who;
  kept = null;
  unkept.set(false);
  chosen = who === null ? {} : unsentOf(who);
  if (who !== null) void pass();
}

function note(change: Partial<Choices>): void {
  if (login === null || Object.keys(change).length === 0) return;
  chosen = { ...chosen, ...change };
  store();
  later(SOON_MS);
}

function later(ms: number): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void pass(), ms);
}

async function pass(): Promise<void> {
  if (login === null || running) return;
  running = true;
  const who = login;
  let next = SOON_MS;
  try {
    await exchange(who);
    if (who === login) unkept.set(false);
  } catch (error) {
    next = AGAIN_MS;
    if (who === login) failed(error);
  }
  running = false;
  const lacking = kept === null || Object.keys(chosen).length > 0;
  if (login !== null && lacking) later(login === who ? next : 0);
}

async function exchange(who: string): Promise<void> {
  if (kept === null) {
    const answer = await get("/api/v1/me/preferences");
    if (who !== login) return;
    kept = answer;
    adopt(merged(choicesHere(), answer, chosen));
  }
  const sent = chosen;
  if (Object.keys(sent).length === 0) return;
  const all = kept.language === null ? { ...choicesHere(), ...sent } : sent;
  const answer = await patch("/api/v1/me/preferences", { body: wanted(all) });
  if (who !== login) return;
  kept = answer;
  // what was chosen while it was on its way is still to be sent
  if (chosen === sent) drop();
}

function failed(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 422) {
    drop();
    say(`${t().app.refused} ${error.detail}`.trim());
  } else if (Object.keys(chosen).length > 0 && !unkept.get()) {
    unkept.set(true);
    say(t().pages.profile.unkept);
  }
}

function drop(): void {
  chosen = {};
  store();
}

function store(): void {
  try {
    if (Object.keys(chosen).length === 0) localStorage.removeItem(UNSENT);
    else localStorage.setItem(UNSENT, JSON.stringify({ login, chosen }));
  } catch {
    // storage is switched off: it is sent during this visit or not at all
  }
}

function unsentOf(who: string): Partial<Choices> {
  try {
    const found = JSON.parse(localStorage.getItem(UNSENT) ?? "null") as {
      login?: unknown;
      chosen?: Partial<Choices>;
    } | null;
    return found?.login === who ? { ...found.chosen } : {};
  } catch {
    return {};
  }
}
