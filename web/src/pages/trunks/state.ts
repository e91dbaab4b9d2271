import type { Link } from "../../api/shapes";
import { trunkKey } from "../../api/store";
import { language } from "../../i18n/language";
import { useSetting } from "../../i18n/setting";
import type { Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { isLinkDown, isReached } from "./chain";
import type { Said, Trunk, TrunkState } from "./types";

interface Look {
  icon: IconName;
  tone: Exclude<Tone, "dim" | "mid" | "acc"> | undefined;
}

/** The sign and the colour of a state; its word stands beside. */
export const LOOKS: Readonly<Record<TrunkState, Look>> = {
  up: { icon: "ok", tone: "ok" },
  degraded: { icon: "risk", tone: "warn" },
  down: { icon: "off", tone: "risk" },
  unknown: { icon: "dash", tone: undefined },
};

/** The same of a link to a telephone system. */
export function linkLook(link: Link): Look {
  if (link.phase === "up") return LOOKS.up;
  return isLinkDown(link) ? LOOKS.down : { icon: "wait", tone: "warn" };
}

/** Where the pages of a trunk and of a telephone system are. */
export const trunkPath = (trunk: Trunk) => `/trunks/${encodeURIComponent(trunkKey(trunk))}`;
export const systemPath = (pbx: string) => `/trunks/systems/${encodeURIComponent(pbx)}`;

/** Whether a part of the address names something: the router leaves characters like : encoded. */
export const isCalled = (name: string, part: string) =>
  part === name || part === decodeURI(encodeURIComponent(name));

/** Cause and remedy in the page's language, English where there is nothing else. */
export function useSaid(): (said: Said) => { cause: string; remedy: string } {
  const spoken = useSetting(language);
  return (said) => ({
    cause: said.words?.[spoken]?.cause ?? said.cause ?? "",
    remedy: said.words?.[spoken]?.remedy ?? said.remedy ?? "",
  });
}

const WEIGHT: Readonly<Record<TrunkState, number>> = { down: 0, degraded: 1, unknown: 2, up: 3 };

/** What needs somebody first: alarms, then states, then names. */
export function byUrgency(trunks: readonly Trunk[]): Trunk[] {
  const weight = (one: Trunk) => (one.alarms.length > 0 ? -1 : WEIGHT[one.state]);
  return [...trunks].sort(
    (a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name) || a.pbx.localeCompare(b.pbx),
  );
}

/** The quickest answer of the far end; null if none is known. */
export function roundTrip(trunk: Trunk): number | null {
  const rtts = trunk.contacts.flatMap((one) =>
    isReached(one) && one.rtt_ms !== null ? [one.rtt_ms] : [],
  );
  return rtts.length === 0 ? null : Math.min(...rtts);
}
