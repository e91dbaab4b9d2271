/** What became of the call at the CRMs, in words. */

import { clock } from "../i18n/format";
import type { Tone } from "../ui/Icon";
import type { IconName } from "../ui/icons";
import { crmLabel, safeUrl } from "./naming";
import type { Effect } from "./types";
import type { CardWords } from "./words";

export interface ShownReceipt {
  readonly key: string;
  readonly icon: IconName;
  readonly tone: Tone | undefined;
  readonly text: string;
  readonly cause: string | null;
  readonly url: string | null;
  readonly crm: string;
  /** It stands still until a person says so. */
  readonly stuck: boolean;
}

export function shownReceipt(
  effect: Effect,
  words: CardWords,
  labels: ReadonlyMap<string, string>,
): ShownReceipt {
  const crm = crmLabel(effect.connector, labels);
  const stuck = effect.state === "dead" || effect.state === "parked";
  return {
    key: effect.id,
    ...look(effect),
    text: receiptText(effect, words, crm),
    cause: effect.state === "delivered" ? null : effect.cause,
    url: safeUrl(effect.receipt?.url),
    crm,
    stuck,
  };
}

function look(effect: Effect): { icon: IconName; tone: Tone | undefined } {
  switch (effect.state) {
    case "delivered":
      return { icon: "ok", tone: "ok" };
    case "dead":
      return { icon: "risk", tone: "risk" };
    case "parked":
      return { icon: "risk", tone: "warn" };
    default:
      return { icon: "clock", tone: effect.attempts > 0 ? "warn" : undefined };
  }
}

function receiptText(effect: Effect, words: CardWords, crm: string): string {
  switch (effect.state) {
    case "delivered":
      return words.crmWritten(crm, clock(effect.settled_at ?? effect.occurred_at, true));
    case "dead":
      return words.crmDead(crm);
    case "parked":
      return words.crmParked(crm);
    case "dropped":
      return words.crmDropped(crm);
    case "leased":
      return words.crmWriting(crm);
    default:
      return effect.attempts > 0 ? words.crmRetry(crm, effect.attempts + 1) : words.crmWaiting(crm);
  }
}

/** Nothing of it will change by itself any more. */
export function areSettled(effects: readonly Effect[]): boolean {
  return (
    effects.length > 0 && effects.every((one) => one.state !== "pending" && one.state !== "leased")
  );
}
