import { external, usePart } from "./external";
import type { CallRecord, Link, Me, Phone, Queue, Trunk } from "./shapes";
import { type Heard, onFrame } from "./stream";

export interface DeskState {
  /** Who is signed in; null while nobody is. */
  me: Me | null;
  /** Live calls by id. */
  calls: ReadonlyMap<string, CallRecord>;
  /** The last calls that ended: what still speaks of them as live came late. */
  ended: ReadonlySet<string>;
  /** Phones by `phoneKey`. */
  phones: ReadonlyMap<string, Phone>;
  /** Queues by `queueKey`. */
  queues: ReadonlyMap<string, Queue>;
  /** Links to telephone systems by name. */
  links: ReadonlyMap<string, Link>;
  /** Trunks by `trunkKey`; told only to who may read them. */
  trunks: ReadonlyMap<string, Trunk>;
}

export const NOTHING: DeskState = {
  me: null,
  calls: new Map(),
  ended: new Set(),
  phones: new Map(),
  queues: new Map(),
  links: new Map(),
  trunks: new Map(),
};

const ENDED_KEPT = 100;

/** What the event stream tells of this moment. Pops are in `card/board.ts`. */
export const desk = external<DeskState>(NOTHING);

/** Follow a part of it; `pick` returns something in the state (or a primitive), nothing new. */
export function useDesk<Part>(pick: (state: DeskState) => Part): Part {
  return usePart(desk, pick);
}

/** Who is signed in, in a component that is shown only then. */
export function useMe(): Me {
  const me = useDesk((state) => state.me);
  if (me === null) throw new Error("useMe is for what is shown to people who are signed in.");
  return me;
}

/** Whether who is signed in may do or read something, as the daemon says it. */
export function useMay(scope: string): boolean {
  return useDesk((state) => state.me?.scopes.includes(scope) ?? false);
}

export const phoneKey = (pbx: string, extension: string) => `${pbx}/${extension}`;
export const queueKey = (pbx: string, queue: string) => `${pbx}/${queue}`;
/** How the API names a trunk among those of all telephone systems. */
export const trunkKey = (trunk: Pick<Trunk, "pbx" | "name">) => `${trunk.pbx}:${trunk.name}`;

/** What a frame changes; the same object if it changes nothing. */
export function heardBy(state: DeskState, heard: Heard): DeskState {
  switch (heard.type) {
    case "reset":
      return { ...NOTHING, me: state.me };
    case "call.updated":
    case "call.ended":
    case "call.merged":
      return withCall(state, heard.data);
    case "pop.offered":
    case "pop.updated":
    case "pop.answered":
    case "pop.closed":
      return withCall(state, heard.data.call);
    case "presence":
      return {
        ...state,
        phones: put(state.phones, heard.data.items, (one) => phoneKey(one.pbx, one.extension)),
      };
    case "queue.updated": {
      const { data } = heard;
      const key = queueKey(data.pbx, data.queue);
      if ("gone" in data) return { ...state, queues: without(state.queues, key) };
      return { ...state, queues: put(state.queues, [data], () => key) };
    }
    case "link.state":
      return { ...state, links: put(state.links, [heard.data], (one) => one.pbx) };
    case "trunk.state":
      return { ...state, trunks: put(state.trunks, [heard.data], trunkKey) };
    default:
      return state;
  }
}

onFrame((heard) => desk.set(heardBy(desk.get(), heard)));

function withCall(state: DeskState, call: CallRecord): DeskState {
  if (call.state !== "live") {
    const ended = [...state.ended, call.id].slice(-ENDED_KEPT);
    return { ...state, calls: without(state.calls, call.id), ended: new Set(ended) };
  }
  const known = state.calls.get(call.id);
  if (state.ended.has(call.id) || (known && known.revision > call.revision)) return state;
  return { ...state, calls: put(state.calls, [call], (one) => one.id) };
}

function put<V>(map: ReadonlyMap<string, V>, items: readonly V[], key: (item: V) => string) {
  const changed = new Map(map);
  for (const item of items) changed.set(key(item), item);
  return changed;
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const changed = new Map(map);
  changed.delete(key);
  return changed;
}
