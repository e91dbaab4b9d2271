import type { Me, Phone, Queue } from "../api/shapes";
import { useDesk } from "../api/store";
import { useDeskSettings } from "../card/live";
import type { Words } from "../i18n";
import type { Tone } from "../ui/Icon";
import type { IconName } from "../ui/icons";

export type PresenceName = keyof Words["app"]["presence"];

interface Look {
  icon: IconName;
  tone: Tone | undefined;
}

export const LOOKS: Readonly<Record<PresenceName, Look>> = {
  available: { icon: "ok", tone: "ok" },
  ringing: { icon: "ring", tone: "acc" },
  busy: { icon: "phone", tone: "ok" },
  held: { icon: "hold", tone: "warn" },
  paused: { icon: "pause", tone: "warn" },
  afterCall: { icon: "note", tone: "warn" },
  unregistered: { icon: "off", tone: "risk" },
  unknown: { icon: "info", tone: undefined },
  none: { icon: "dash", tone: undefined },
};

/** What one's phones do, in one word: the call before the pause, the pause before being free. */
export function presenceOf(
  me: Me,
  phones: readonly Phone[],
  queues: readonly Queue[],
  afterCall: string | undefined,
): PresenceName {
  const own = new Set(me.extensions.map((one) => one.extension));
  if (own.size === 0) return "none";
  const mine = phones.filter((one) => own.has(one.extension));
  const doing = new Set(mine.map((one) => one.state));
  if (doing.has("ringing") || doing.has("ringing_in_use")) return "ringing";
  if (doing.has("in_use") || doing.has("busy")) return "busy";
  if (doing.has("on_hold")) return "held";
  const paused = queues
    .flatMap((queue) => queue.members)
    .filter((one) => one.extension !== null && own.has(one.extension) && one.paused);
  if (paused.length > 0) {
    return paused.some((one) => one.pause_reason === afterCall) ? "afterCall" : "paused";
  }
  if (mine.length > 0 && mine.every((one) => one.registered === false)) return "unregistered";
  if (mine.length === 0 || mine.every((one) => one.stale)) return "unknown";
  return "available";
}

/** The same of who is signed in. */
export function usePresence(): PresenceName {
  const me = useDesk((state) => state.me);
  const phones = useDesk((state) => state.phones);
  const queues = useDesk((state) => state.queues);
  const afterCall = useDeskSettings().data?.after_call;
  return me === null
    ? "none"
    : presenceOf(me, [...phones.values()], [...queues.values()], afterCall);
}
