import { Button } from "../ui/Button";
import { isHidden } from "./naming";
import type { Phone } from "./phoneControls";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface HeadActionsProps {
  card: Card;
  phone: Phone;
  onTransfer: () => void;
  onContact: () => void;
  onLink: () => void;
}

/** The commands at the name: hold, transfer, hang up last; what is not possible is absent. */
export function HeadActions({ card, phone, onTransfer, onContact, onLink }: HeadActionsProps) {
  const words = useCardWords();
  const held = card.heldSince !== null;
  const { press, can, busy } = phone;
  return (
    <>
      <WhoIsIt card={card} onContact={onContact} onLink={onLink} />
      {can("decline") && (
        <Button disabled={busy} onClick={() => press("decline")}>
          {words.decline}
        </Button>
      )}
      {can("hold") && (
        <Button
          icon={held ? "play" : "hold"}
          hint="H"
          disabled={busy}
          onClick={() => press(held ? "unhold" : "hold")}
        >
          {held ? words.resume : words.hold}
        </Button>
      )}
      {(can("transfer") || can("consult")) && (
        <Button icon="move" hint="T" onClick={onTransfer}>
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
    </>
  );
}

/** Of a call that is nobody's yet: make a contact of its number, or link a withheld one. */
function WhoIsIt({
  card,
  onContact,
  onLink,
}: Pick<HeadActionsProps, "card" | "onContact" | "onLink">) {
  const words = useCardWords();
  const { call, contact, match } = card.pop;
  if (contact !== null || call.contact !== null || call.direction === "internal") return null;
  if (isHidden(call)) {
    return (
      <Button icon="search" onClick={onLink}>
        {words.link}
      </Button>
    );
  }
  if (match.kind !== "none" || match.pending) return null;
  return (
    <Button icon="add" onClick={onContact}>
      {words.newContact}
    </Button>
  );
}
