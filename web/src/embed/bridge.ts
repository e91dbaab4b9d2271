import { newKey, post } from "../api/client";
import { ApiProblem } from "../api/problem";
import type { CallRecord, Me } from "../api/shapes";
import { type Heard, onFrame } from "../api/stream";
import { board } from "../card/boardStore";
import { t } from "../i18n";
import { greetedBy } from "./place";
import { type Asked, allows, popOf, read, type Told, written } from "./protocol";

interface BridgeOptions {
  me: Me;
  /** The sources that may embed us, as the daemon is configured. */
  origins: readonly string[];
  /** The window around us. */
  host: Window;
}

/**
 * Talk with the site around us; returns how to stop. Nothing is said before that site has said
 * hello, or the browser has named it, and never to an origin that is not configured.
 */
export function openBridge({ me, origins, host }: BridgeOptions): () => void {
  let origin: string | null = null;
  const told = new Map<string, string>();
  const tell = (message: Told) => {
    if (origin !== null) host.postMessage(written(message), origin);
  };
  // a pop is told again with every fact that comes late; the host hears only what is news to it
  const once = (message: Told & { call_id: string }) => {
    if (origin === null) return;
    const key = `${message.type}/${message.call_id}`;
    const text = JSON.stringify(message);
    if (told.get(key) === text) return;
    told.set(key, text);
    tell(message);
  };
  const meet = (of: string) => {
    if (!allows(origins, of, location.origin)) return false;
    origin = of;
    return true;
  };
  const ready = () => {
    tell({ type: "ready", login: me.login, extension: me.extensions[0]?.extension ?? null });
    for (const { phase, pop } of board.get().cards) {
      if (phase === "ring") once({ type: "pop", ...popOf(pop, "offered", null) });
      if (phase === "talk") once({ type: "pop", ...popOf(pop, "answered", null) });
    }
  };
  const hear = (event: MessageEvent<unknown>) => {
    if (event.source !== host) return;
    const asked = read(event.data);
    if (asked === null || !meet(event.origin)) return;
    if (asked.type === "hello") {
      told.clear();
      ready();
    } else void dial(asked, tell);
  };
  const stop = onFrame((heard) => {
    const message = messageOf(heard, me.login);
    if (message !== null) once(message);
  });
  window.addEventListener("message", hear);
  if (named().some(meet)) ready();
  return () => {
    window.removeEventListener("message", hear);
    stop();
  };
}

/** Who is around us: whoever greeted us, else as the browser says, where it does. */
function named(): readonly string[] {
  const greeted = greetedBy();
  const around = (location as { ancestorOrigins?: DOMStringList }).ancestorOrigins;
  return [...(greeted === null ? [] : [greeted]), ...Array.from(around ?? []).slice(0, 1)];
}

/** What of a frame the site around us hears; null for all the rest. */
export function messageOf(heard: Heard, login: string): (Told & { call_id: string }) | null {
  switch (heard.type) {
    case "pop.offered":
    case "pop.updated":
      return {
        type: "pop",
        ...popOf(heard.data, heard.data.call.answered_at === null ? "offered" : "answered", null),
      };
    case "pop.answered":
      return { type: "pop", ...popOf(heard.data, "answered", null) };
    case "pop.closed":
      return { type: "pop", ...popOf(heard.data, "closed", heard.data.reason) };
    case "call.updated":
    case "call.ended":
      return wrapUpOf(heard.data, login);
    default:
      return null;
  }
}

function wrapUpOf(call: CallRecord, login: string): (Told & { call_id: string }) | null {
  const mine = call.wrap_ups.find((one) => one.agent === login);
  if (mine === undefined) return null;
  const { disposition, note } = mine;
  return { type: "wrap-up", call_id: call.id, disposition, note };
}

async function dial(asked: Asked & { type: "dial" }, tell: (message: Told) => void) {
  const { ref } = asked;
  try {
    const answer = await post("/api/v1/calls", {
      body: { to: asked.number },
      idempotencyKey: newKey(),
    });
    const state = answer.state === "unknown" ? "unknown" : "accepted";
    tell({ type: "dialled", ref, state, call_id: answer.id, detail: answer.detail });
  } catch (error) {
    const refused = error instanceof ApiProblem;
    const detail = refused ? error.detail || error.title : t().pages.dial.unknown;
    tell({ type: "dialled", ref, state: refused ? "refused" : "unknown", call_id: null, detail });
  }
}
