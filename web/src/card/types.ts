/** The shapes a card is made of, as the daemon's own description names them. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Pop = Schemas["Pop"] & { held_since?: string | null };
export type CallRecord = Schemas["CallRecord"];
export type Contact = Schemas["Contact"];
export type Cue = Schemas["Cue"];
export type OpenItem = Schemas["OpenItem"];
export type SaidItem = Schemas["SaidItem"];
export type PastItem = Schemas["PastItem"];
export type PopColleague = Schemas["PopColleague"];
export type Handoff = Schemas["HandoffShown"];
export type Promise_ = Schemas["Promise"] & Partial<Pick<Schemas["TimedPromise"], "opens_at">>;
export type Effect = Schemas["Effect"];
export type Agent = Schemas["Agent"];
export type Queue = Schemas["Queue"];
export type Frame = Schemas["Frame"];
export type CloseReason = Schemas["CloseReason"];
export type DirectoryEntry = Schemas["DirectoryEntry"];

/**
 * What a card is at: `ring` before the answer, `talk` while this phone is in the call, `ended` while
 * the outcome is missing, `gone` for the one grey line that says what became of it.
 */
export type Phase = "ring" | "talk" | "ended" | "gone";

/** Why a card is one grey line; `saved`: its outcome was. */
export type GoneReason = CloseReason | "saved" | "merged";

/** One call's card. Times are milliseconds of the server's clock. */
export interface Card {
  readonly callId: string;
  readonly pop: Pop;
  readonly phase: Phase;
  /** The pops of this call at phones of this person, by id. */
  readonly pops: Readonly<Record<string, "ring" | "talk">>;
  /** Since when it is in this phase. */
  readonly since: number;
  /** Since when our side has it on hold. */
  readonly heldSince: number | null;
  /** Not drawn before then: the phone may not ring at all. */
  readonly showAt: number;
  /** When the grey line goes; null while it stays. */
  readonly leaveAt: number | null;
  readonly reason: GoneReason | null;
}
