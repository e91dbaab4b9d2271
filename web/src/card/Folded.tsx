import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { shortName } from "./band";
import { naming } from "./naming";
import { State } from "./StateLine";
import style from "./StateLine.module.css";
import { useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

interface FoldedProps {
  card: Card;
  failure: string | null;
  /** Resume, where the call is on hold and may be taken back. */
  onResume: (() => void) | null;
}

/** A card that is only its state line: who, since when, and how to come back to it. */
export function Folded({ card, failure, onResume }: FoldedProps) {
  const words = useCardWords();
  const { people, onOpen } = useSurroundings();
  const { name, beside } = naming(card.pop, words, people);
  return (
    <div className={style.line} data-part="state">
      <State card={card} />
      <span className={`${style.fact} ${style.who}`}>
        <Name className="cut">{name}</Name>
        {beside !== null && <span className="cut mid">, {beside}</span>}
      </span>
      <span className={style.right}>
        {failure !== null && (
          <span className={style.failure} title={failure}>
            <Icon name="risk" />
            {failure}
          </span>
        )}
        {onResume !== null && (
          <Button small icon="play" onClick={onResume}>
            {words.resume}
          </Button>
        )}
        <Button small look="quiet" onClick={() => onOpen(card.callId)}>
          {words.open}
          <span className="vh">: {shortName(name)}</span>
        </Button>
      </span>
    </div>
  );
}
