/** What can be done with a call from here: only what the frame allows, its failures in words. */

import { useCallback, useState } from "react";
import type { CallCommand } from "./commands";
import { outsideNumber } from "./naming";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

/** How long the reason of a failure stays on the card. */
const FAILURE_MS = 12_000;

export interface Phone {
  readonly can: (action: string) => boolean;
  readonly busy: boolean;
  readonly failure: string | null;
  readonly press: (command: CallCommand) => void;
  readonly callBack: (() => void) | null;
}

export function usePhone(card: Card): Phone {
  const { commands, lostAt, now, onHeld, say } = useSurroundings();
  const words = useCardWords();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const live = card.phase === "ring" || card.phase === "talk";

  const fail = useCallback(
    (why: string | null) => {
      setFailure(why);
      if (why === null) return;
      say(why);
      window.setTimeout(() => setFailure((shown) => (shown === why ? null : shown)), FAILURE_MS);
    },
    [say],
  );

  const press = async (command: CallCommand) => {
    if (busy || lostAt !== null) return;
    setBusy(true);
    const failed = await commands.phone(card.callId, command, card.pop.extension);
    setBusy(false);
    fail(failed);
    if (failed !== null) return;
    if (command === "hold" || command === "unhold") {
      onHeld(card.callId, command === "hold" ? now() : null);
      say(command === "hold" ? words.holdDone : words.resumeDone);
    }
  };

  const number = outsideNumber(card.pop.call);
  const callBack = async () => {
    if (number === null || busy) return;
    setBusy(true);
    const failed = await commands.dial(number);
    setBusy(false);
    fail(failed);
  };

  return {
    can: (action) => live && lostAt === null && card.pop.actions.includes(action),
    busy,
    failure,
    press: (command) => void press(command),
    callBack:
      card.phase === "ended" && number !== null && lostAt === null ? () => void callBack() : null,
  };
}
