/** Notes save themselves: 800 ms after the last key, and again when a failure may be over. */

import { useEffect, useRef, useState } from "react";
import { adopt } from "./adopting";
import { drafts, useDraft } from "./drafts";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";

export const PAUSE_MS = 800;
const AGAIN_MS = 5_000;

export interface Noting {
  readonly note: string;
  readonly write: (note: string) => void;
  readonly saving: boolean;
  readonly failure: string | null;
  /** When what is in the field was saved; null while it is not. */
  readonly savedAt: number | null;
}

export function useNoting(card: Card): Noting {
  const { callId } = card;
  const { commands, now, lostAt, me } = useSurroundings();
  const [draft, change] = useDraft(callId);
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const latest = useRef({ commands, now });
  latest.current = { commands, now };

  useAdopted(card, me.login);

  const dirty = draft.note.trim() !== draft.savedNote.trim();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text or another try begins the pause again
  useEffect(() => {
    if (!dirty || lostAt !== null) return undefined;
    const timer = window.setTimeout(async () => {
      const { note, savedDisposition } = drafts.get(callId);
      setSaving(true);
      const failed = await latest.current.commands.wrapUp(callId, note, savedDisposition);
      setSaving(false);
      setFailure(failed);
      if (failed === null)
        drafts.change(callId, { savedNote: note, savedAt: latest.current.now() });
      else window.setTimeout(() => setTries((n) => n + 1), AGAIN_MS);
    }, PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [draft.note, dirty, callId, lostAt, tries, card.phase]);

  return {
    note: draft.note,
    write: (note) => change({ note }),
    saving,
    failure: dirty ? failure : null,
    savedAt: dirty ? null : draft.savedAt,
  };
}

/** What this person said of the call before, on this page or another: where nothing is typed here. */
function useAdopted(card: Card, login: string): void {
  const { callId } = card;
  const said = card.pop.call.wrap_ups.find((one) => one.agent === login);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a record that is told again says the same
  useEffect(() => adopt(callId, said), [callId, said?.note, said?.at]);
}
