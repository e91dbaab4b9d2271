import { Button } from "../ui/Button";
import style from "./Dock.module.css";
import type { Phone } from "./phoneControls";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface DockProps {
  card: Card;
  phone: Phone;
  onTransfer: () => void;
  onNotes: () => void;
  onContact: (() => void) | null;
}

/** The commands of a narrow page: 44 px, at the lower edge, hang up last. */
export function Dock({ card, phone, onTransfer, onNotes, onContact }: DockProps) {
  const words = useCardWords();
  const { can, press, busy } = phone;
  const held = card.heldSince !== null;
  const ringing = card.phase === "ring";
  return (
    <div className={style.dock}>
      {can("decline") && (
        <Button disabled={busy} onClick={() => press("decline")}>
          {words.declineShort}
        </Button>
      )}
      {ringing && onContact !== null && (
        <Button icon="add" onClick={onContact}>
          {words.newContact}
        </Button>
      )}
      {(ringing || card.phase === "ended") && (
        <Button icon="note" onClick={onNotes}>
          {ringing ? words.notesTab : words.outcomeTab}
        </Button>
      )}
      {can("hold") && (
        <Button
          icon={held ? "play" : "hold"}
          disabled={busy}
          onClick={() => press(held ? "unhold" : "hold")}
        >
          {held ? words.resume : words.hold}
        </Button>
      )}
      {(can("transfer") || can("consult")) && (
        <Button icon="move" onClick={onTransfer}>
          {words.transfer}
        </Button>
      )}
      {can("hangup") && (
        <Button look="hangup" icon="hangup" disabled={busy} onClick={() => press("hangup")}>
          {words.hangUp}
        </Button>
      )}
      {phone.callBack !== null && (
        <Button icon="phone" disabled={busy} onClick={phone.callBack}>
          {words.callBack}
        </Button>
      )}
    </div>
  );
}
