import { useDraft } from "./drafts";
import pick from "./Pick.module.css";
import { useAsking, useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

/** Tick that the caller's identity was checked: it travels with the call from then on. */
export function Verify({ card }: { card: Card }) {
  const words = useCardWords();
  const { commands, lostAt } = useSurroundings();
  const [draft, change] = useDraft(card.callId);
  const [busy, failure, ask] = useAsking();
  const known = card.pop.handoff?.verified ?? null;
  const tick = async (verified: boolean) => {
    change({ verified });
    const left = { ...draft.left, verified };
    if (await ask(() => commands.handOff(card.callId, left))) change({ left });
    else change({ verified: !verified });
  };
  return (
    <label className={pick.check}>
      <input
        type="checkbox"
        checked={draft.verified || known !== null}
        disabled={busy || lostAt !== null || (known !== null && !draft.verified)}
        onChange={(event) => void tick(event.target.checked)}
      />
      <span>
        {words.verify}
        {failure !== null && <span className="risk">{failure}</span>}
      </span>
    </label>
  );
}
