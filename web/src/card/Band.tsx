import type { ReactNode } from "react";
import { clock } from "../i18n/format";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import style from "./Band.module.css";
import { type Band as BandShown, band, shortName } from "./band";
import { naming } from "./naming";
import { useAsking, useSurroundings } from "./surroundings";
import type { Card } from "./types";
import { useCardWords } from "./words";

/** The first thing: always there, always as high; what comes late replaces its text. */
export function Band({ card }: { card: Card }) {
  const words = useCardWords();
  const { people } = useSurroundings();
  const shown = band(card, words, people);
  const { name } = naming(card.pop, words, people);
  // a new text fades in; the same one is not drawn anew
  const key = `${shown.variant} ${shown.lead} ${shown.title} ${shown.sentence ?? ""}`;
  return (
    <section
      className={`${style.band} ${style[shown.variant] ?? ""}`}
      aria-label={words.first(name)}
      data-part="first"
      data-variant={shown.variant}
    >
      <Icon name={shown.icon} large tone={shown.settled ? "ok" : undefined} />
      <div key={key} className={`${style.text} ${lines(shown) > 3 ? style.tight : ""} late`}>
        <h2 title={shown.title.length > 60 ? shown.title : undefined}>
          {shown.lead}
          <Name>{shown.title}</Name>
        </h2>
        <Words shown={shown} />
      </div>
      <Side card={card} shown={shown} />
    </section>
  );
}

function Words({ shown }: { shown: BandShown }) {
  const words = useCardWords();
  const told = shown.done !== null || shown.wants !== null;
  return (
    <>
      {told && (
        <p className={style.told} title={[shown.done, shown.wants].filter(Boolean).join(" · ")}>
          {shown.done !== null && <Told word={words.done}>{stopped(shown.done)}</Told>}{" "}
          {shown.wants !== null && <Told word={words.wants}>{shown.wants}</Told>}
        </p>
      )}
      {shown.sentence !== null && (
        <p className={told || shown.sentenceLead !== null ? "mid small" : style.say}>
          {shown.sentenceLead !== null && `${shown.sentenceLead} `}
          <q lang={shown.language ?? undefined} dir="auto">
            {shown.sentence}
          </q>
        </p>
      )}
      {shown.text !== null && !(told && shown.sentence !== null) && (
        <p className={shown.sentence === null ? undefined : "mid small"} dir="auto">
          {shown.text}
        </p>
      )}
      {shown.remedy !== null && (
        <p className="mid small" dir="auto">
          {words.remedy(shown.remedy)}
        </p>
      )}
    </>
  );
}

function Told({ word, children }: { word: string; children: ReactNode }) {
  return (
    <>
      <b>{word}</b> <bdi>{children}</bdi>
    </>
  );
}

/** The one button to tick it done, and who checked the identity and when. */
function Side({ card, shown }: { card: Card; shown: BandShown }) {
  const words = useCardWords();
  const { commands, people, say, lostAt } = useSurroundings();
  const [busy, failure, ask] = useAsking();
  if (!shown.tick && shown.verified === null) return null;
  const tick = async () => {
    if (await ask(() => commands.apologised(card.callId))) say(words.apologise);
  };
  const checked = shown.verified;
  return (
    <div className={style.side}>
      {shown.tick && (
        <Button
          icon="tick"
          disabled={busy || lostAt !== null}
          onClick={() => void tick()}
          title={failure ?? undefined}
        >
          {words.apologise}
        </Button>
      )}
      {checked !== null && (
        <div>
          <span className={style.verified}>
            <Icon name="shield" />
            {words.verified}
          </span>
          <span className="mid small">
            {checked.by === null
              ? words.verifiedByMenu(clock(checked.at))
              : words.verifiedBy(shortName(people.byLogin(checked.by)), clock(checked.at))}
          </span>
        </div>
      )}
    </div>
  );
}

/** How many lines the words take: four stand closer, the band stays as high. */
function lines(shown: BandShown): number {
  const told = shown.done !== null || shown.wants !== null;
  return [true, told, shown.sentence, shown.remedy].filter(Boolean).length;
}

/** What is followed by another sentence ends like one. */
function stopped(text: string): string {
  return /[.!?…;]$/u.test(text) ? text : `${text}.`;
}
