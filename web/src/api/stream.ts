import { freezeClock, learnClock, serverNow } from "./clock";
import type { Frame } from "./shapes";
import { IDLE, wire } from "./wire";

/** A frame, or `reset`: forget what frames told, the frames that show this moment follow. */
export type Heard = Frame | { type: "reset" };
/** `past`: the frame repeats what was or shows what is; nothing in it happens just now. */
export type Listener = (heard: Heard, past: boolean) => void;

const ADDRESS = "/api/v1/events";
const REVOKED = 4401;
const SLOW = 1013;
const PING_AFTER_MS = 12_000;
const SILENT_MS = 25_000;
const NO_HELLO_MS = 10_000;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 10_000;

const listeners = new Set<Listener>();
const revoked = new Set<() => void>();
// where to go on, and how many frames of this moment are still to come
let epoch: string | null = null;
let seq = 0;
let follow = 0;
let replayed = 0;
let socket: WebSocket | null = null;
let heardAt = 0;
let tries = 0;
let retryTimer = 0;
let watchTimer = 0;

/** Hear every frame in order; returns how to stop. */
export function onFrame(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Hear that the right to be here has ended: signed out elsewhere, revoked, expired. */
export function onRevoked(listener: () => void): () => void {
  revoked.add(listener);
  return () => revoked.delete(listener);
}

/** Connect, and stay connected until `closeStream`. */
export function openStream(): void {
  if (watchTimer) return;
  watchTimer = window.setInterval(watch, 1000);
  window.addEventListener("online", retryNow);
  window.addEventListener("offline", drop);
  connect();
}

/** Hang up and forget where we were: nobody is signed in. */
export function closeStream(): void {
  window.clearInterval(watchTimer);
  window.clearTimeout(retryTimer);
  window.removeEventListener("online", retryNow);
  window.removeEventListener("offline", drop);
  watchTimer = 0;
  epoch = null;
  seq = follow = replayed = tries = 0;
  detach();
  freezeClock(null);
  wire.set(IDLE);
  tell({ type: "reset" }, true);
}

/** Ask for this moment as a whole: what may be shown here is not what it was. */
export function beginAnew(): void {
  if (!watchTimer) return;
  epoch = null;
  follow = replayed = 0;
  detach();
  connect();
}

/** Try at once instead of waiting; does nothing while there is a connection. */
export function retryNow(): void {
  if (socket === null && watchTimer) connect();
}

function connect(): void {
  window.clearTimeout(retryTimer);
  const since = epoch === null ? "" : `?since=${encodeURIComponent(`${epoch}:${seq}`)}`;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}${ADDRESS}${since}`);
  socket = mine;
  heardAt = Date.now();
  mine.onmessage = (event: MessageEvent<string>) => {
    heardAt = Date.now();
    receive(JSON.parse(event.data) as Frame);
  };
  mine.onclose = (event) => lost(event.code);
  const { lostAt } = wire.get();
  wire.set({ phase: lostAt === null ? "connecting" : "lost", lostAt, nextTryAt: null });
}

function receive(frame: Frame): void {
  if (frame.type === "pong") return;
  if (frame.type === "hello") {
    learnClock(frame.at);
    freezeClock(null);
    epoch = frame.data.epoch;
    tries = 0;
    follow = frame.data.resumed ? 0 : frame.data.follow;
    replayed = frame.data.resumed ? frame.data.follow : 0;
    if (!frame.data.resumed) {
      // what shows this moment is counted at once: cut off in the middle of it, we begin anew
      seq = frame.seq + frame.data.follow;
      tell({ type: "reset" }, true);
    }
    wire.set({ phase: "online", lostAt: null, nextTryAt: null });
    tell(frame, true);
    return;
  }
  const past = follow > 0 || replayed > 0;
  if (follow > 0) follow -= 1;
  else seq = Math.max(seq, frame.seq);
  if (replayed > 0) replayed -= 1;
  tell(frame, past);
}

function tell(heard: Heard, past: boolean): void {
  for (const listener of [...listeners]) listener(heard, past);
}

function detach(): void {
  if (socket === null) return;
  socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

function drop(): void {
  if (socket === null) return;
  detach();
  lost(0);
}

function lost(code: number): void {
  socket = null;
  if (code === REVOKED) {
    for (const listener of [...revoked]) listener();
    return;
  }
  if (follow > 0) epoch = null;
  follow = replayed = 0;
  const lostAt = wire.get().lostAt ?? serverNow();
  freezeClock(lostAt);
  const most = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  const wait = code === SLOW && tries === 0 ? 50 : most / 2 + (Math.random() * most) / 2;
  tries += 1;
  retryTimer = window.setTimeout(connect, wait);
  wire.set({ phase: "lost", lostAt, nextTryAt: Date.now() + wait });
}

/** A line that is cut says nothing: ask, and hang up on who does not answer. */
function watch(): void {
  if (socket === null) return;
  const silent = Date.now() - heardAt;
  const online = wire.get().phase === "online";
  if (silent > SILENT_MS || (!online && silent > NO_HELLO_MS)) drop();
  else if (silent > PING_AFTER_MS && socket.readyState === WebSocket.OPEN) socket.send("ping");
}
