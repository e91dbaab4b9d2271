import type { Link } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { language } from "../../i18n/language";
import { useSetting } from "../../i18n/setting";
import { Icon } from "../../ui/Icon";
import style from "./Idle.module.css";

/** No telephone system is heard: the phone works, cards do not come; what can be done meanwhile. */
export function LinksDown({ links }: { links: readonly Link[] }) {
  const { idle } = useT().pages;
  const spoken = useSetting(language);
  const since = links.map((one) => one.since).sort()[0] ?? "";
  return (
    <section className={style.card}>
      <div className={style.inner}>
        {links.map((one) => {
          const words = one.words[spoken];
          return (
            <div key={one.pbx}>
              <h1>{idle.linkDown(one.pbx, clock(one.since))}</h1>
              <p className="mid">
                {[words?.cause ?? one.cause, words?.remedy ?? one.remedy].filter(Boolean).join(" ")}
              </p>
            </div>
          );
        })}
        <h2>{idle.meanwhileTitle}</h2>
        <ul className={style.todo}>
          <li>
            <Icon name="search" />
            <span>{idle.meanwhile.search}</span>
            <kbd>/</kbd>
          </li>
          <li>
            <Icon name="note" />
            <span>{idle.meanwhile.note}</span>
          </li>
          <li>
            <Icon name="clock" />
            <span>{idle.meanwhile.history(clock(since))}</span>
          </li>
        </ul>
      </div>
    </section>
  );
}
