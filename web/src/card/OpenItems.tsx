import { about, moment, span } from "../i18n/format";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import style from "./OpenItems.module.css";
import { Section } from "./Section";
import { useNow, useSurroundings } from "./surroundings";
import type { Card, OpenItem } from "./types";
import { useCardWords } from "./words";

/** So many rows are shown; the rest is on the customer's own page. */
const SHOWN = 2;

/** What is open with the customer: promises and calls nobody answered, with their clocks. */
export function OpenItems({ card }: { card: Card }) {
  const words = useCardWords();
  const { open } = card.pop;
  const more = open.length - SHOWN;
  return (
    <Section title={words.openTitle} aside={more > 0 ? words.andMore(more) : undefined}>
      {open.length === 0 ? (
        <p className="mid">{words.openNothing}</p>
      ) : (
        <ul className={`${style.open} late`}>
          {open.slice(0, SHOWN).map((item) => (
            <Row key={item.id} item={item} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Row({ item }: { item: OpenItem }) {
  const words = useCardWords();
  const now = useNow();
  const promise = item.kind === "promise";
  const due = item.due_at === null ? null : Date.parse(item.due_at);
  const late = promise && (item.state === "broken" || (due !== null && due < now));
  return (
    <li>
      <Icon name={promise ? "flag" : "miss"} tone={late ? "risk" : promise ? undefined : "warn"} />
      <div className={style.text}>
        <b className="cut">
          {promise ? (
            <Name>{item.text ?? words.promised}</Name>
          ) : (
            words.toCallBack(item.attempts ?? 1)
          )}
        </b>
        <Detail item={item} late={late} now={now} />
      </div>
      <div className={style.due}>
        {due === null ? (
          <span className="mid small">
            {words.lastCall} {moment(item.at, now)}
          </span>
        ) : (
          <>
            <b className={`num ${late ? "risk" : due - now < 8 * 3_600_000 ? "warn" : ""}`}>
              {late ? words.overdue(about(now - due)) : words.dueIn(about(due - now))}
            </b>
            <span className={style.sub}>{words.due(moment(due, now))}</span>
          </>
        )}
      </div>
    </li>
  );
}

function Detail({ item, late, now }: { item: OpenItem; late: boolean; now: number }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const promise = item.kind === "promise";
  const wait =
    item.longest_wait_s === null ? "" : words.longestWait(span(item.longest_wait_s * 1_000));
  const first = promise
    ? late
      ? words.promiseBroken
      : words.promisedAt(moment(item.at, now))
    : wait;
  const by = item.by === null ? "" : words.takenBy(people.byLogin(item.by));
  return (
    <span className={`${style.sub} cut`} dir="auto">
      {[first, by].filter(Boolean).join(" · ")}
    </span>
  );
}
