import { Badge } from "../ui/Badge";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import pick from "./Pick.module.css";
import { Section } from "./Section";
import { useSurroundings } from "./surroundings";
import { standingOf, stateWords } from "./targets";
import type { Agent, Card, PopColleague } from "./types";
import { useCardWords } from "./words";

interface OnItProps {
  card: Card;
  /** Hand the call over to them; null while that cannot be. */
  onPick: ((login: string) => void) | null;
}

/** Who has the same customer: talking now, has promised or has taken something. */
export function OnIt({ card, onPick }: OnItProps) {
  const words = useCardWords();
  const { agents } = useSurroundings();
  const { colleagues } = card.pop;
  if (colleagues.length === 0) return null;
  return (
    <Section title={words.onIt}>
      <ul className={`${pick.pick} late`}>
        {colleagues.map((one) => {
          const agent = agents.find((known) => known.login === one.login);
          const body = <Colleague one={one} agent={agent} />;
          const login = one.login;
          return (
            <li key={`${one.login ?? ""} ${one.extension ?? ""} ${one.why}`}>
              {onPick !== null && login !== null ? (
                <button type="button" onClick={() => onPick(login)}>
                  {body}
                </button>
              ) : (
                <div className={pick.row}>{body}</div>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Colleague({ one, agent }: { one: PopColleague; agent: Agent | undefined }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const phone = agent?.extensions[0];
  const why = {
    talking: words.onIt_talking,
    promised: words.onIt_promised,
    claimed: words.onIt_claimed,
  }[one.why];
  const name = people.byLogin(one.login) || people.byExtension(one.extension) || words.colleague;
  const free = phone !== undefined && standingOf(phone) === "free";
  return (
    <>
      <Icon name="person" large />
      <span className={pick.text}>
        <span className={pick.first}>
          <Name className="cut">{name}</Name>
          {phone?.state != null && (
            <Badge tone={free ? "ok" : undefined} icon={free ? "ok" : undefined}>
              {stateWords(phone, words)}
            </Badge>
          )}
        </span>
        <span className={`${pick.sub} cut`}>{why ?? ""}</span>
      </span>
      <span className={`${pick.why} num`}>{one.extension ?? phone?.extension ?? ""}</span>
    </>
  );
}
