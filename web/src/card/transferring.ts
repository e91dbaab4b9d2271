/** Sending a call on: the note goes first, so that it is there before the next phone rings. */

import { type HandoffBody, useDraft } from "./drafts";
import { useAsking, useSurroundings } from "./surroundings";
import type { Target } from "./targets";
import type { Card } from "./types";

const MAX_REASON = 160;
const MAX_NOTE = 4_000;

/** The note as the next person's card wants it: one line they must read, and the whole of it. */
export function handoffOf(text: string, verified: boolean): HandoffBody {
  const whole = text.trim().slice(0, MAX_NOTE);
  const line = whole.split("\n")[0]?.trim() ?? "";
  const reason = line.length <= MAX_REASON ? line : cut(line);
  return { reason, done: "", wants: "", note: whole === reason ? "" : whole, said: [], verified };
}

/** Cut at a sentence's or a word's end, never inside a word. */
function cut(line: string): string {
  const sentence = /^(.{20,159}?[.!?;])\s/u.exec(line)?.[1];
  if (sentence !== undefined) return sentence;
  const part = line.slice(0, MAX_REASON - 1);
  return `${part.slice(0, Math.max(part.lastIndexOf(" "), 1))}…`;
}

export interface Transferring {
  readonly busy: boolean;
  readonly failure: string | null;
  readonly go: (kind: "attended" | "blind") => Promise<void>;
}

export function useTransfer(card: Card, chosen: Target | null, onDone: () => void): Transferring {
  const { commands } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const [busy, failure, ask] = useAsking();
  const go = async (kind: "attended" | "blind") => {
    if (chosen === null || busy) return;
    const verified = draft.verified || (card.pop.handoff?.verified ?? null) !== null;
    const left = handoffOf(draft.handoff ?? draft.note, verified);
    if (!(await ask(() => commands.transfer(card.callId, kind, chosen.to, left)))) return;
    change({ left, consulting: kind === "attended" ? chosen.name : null });
    onDone();
  };
  return { busy, failure, go };
}
