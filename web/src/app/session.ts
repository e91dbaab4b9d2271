import { get, onSessionOver, post, remove } from "../api/client";
import { external, usePart } from "../api/external";
import { ApiProblem } from "../api/problem";
import { queryClient } from "../api/queries";
import type { Me } from "../api/shapes";
import { desk, NOTHING } from "../api/store";
import { beginAnew, closeStream, onRevoked, openStream } from "../api/stream";
import { wire } from "../api/wire";
import { drafts } from "../card/drafts";
import { hush } from "./announcer";

export type Over = "expired" | "left" | null;

export interface SessionState {
  /** `asking`: not known yet; `away`: the daemon does not answer. */
  phase: "asking" | "away" | "out" | "in";
  /** Why nobody is signed in any more. */
  over: Over;
}

export const session = external<SessionState>({ phase: "asking", over: null });

/** Follow whether somebody is signed in. */
export function useSession(): SessionState {
  return usePart(session, (state) => state);
}

/** Find out whether this browser is signed in already. */
export async function begin(): Promise<void> {
  try {
    enter(await get("/api/v1/me"));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) leave(null);
    else session.set({ phase: "away", over: null });
  }
}

/** Somebody is signed in: begin to listen. */
export function enter(me: Me): void {
  desk.set({ ...desk.get(), me });
  session.set({ phase: "in", over: null });
  // who may not hear would be refused again and again
  if (me.scopes.includes("events:read")) openStream();
}

/** Sign out here, at once; unsent text goes too, because somebody wanted to leave. */
export async function signOut(): Promise<void> {
  drafts.clear();
  try {
    await remove("/api/v1/session");
  } catch {
    // the session ends by itself
  }
  leave("left");
}

/** Ask again who one is: a phone was signed in to, a name changed. */
export async function refreshMe(): Promise<void> {
  desk.set({ ...desk.get(), me: await get("/api/v1/me") });
}

/** Sign in to a phone for today. */
export async function takePhone(extension: string, takeOver = false): Promise<void> {
  await post("/api/v1/me/extension", { body: { extension, take_over: takeOver } });
  await refreshMe();
  beginAnew(); // other queues are served from there
}

/** Leave the phone one signed in to. */
export async function leavePhone(): Promise<void> {
  await remove("/api/v1/me/extension");
  await refreshMe();
  beginAnew();
}

function leave(over: Over): void {
  closeStream();
  queryClient.clear();
  desk.set(NOTHING);
  // nobody's name stays in the page behind the door
  hush();
  document.title = "Filodiretto";
  session.set({ phase: "out", over });
}

const expired = () => {
  if (session.get().phase === "in") leave("expired");
};
onSessionOver(expired);
onRevoked(expired);

// A socket that is refused does not say why: ask whether one is still signed in.
let failures = 0;
wire.subscribe(() => {
  const { phase, nextTryAt } = wire.get();
  if (phase === "online" || phase === "idle") failures = 0;
  else if (phase === "lost" && nextTryAt !== null) {
    failures += 1;
    if (failures > 1) void get("/api/v1/me").catch(() => undefined);
  }
});
