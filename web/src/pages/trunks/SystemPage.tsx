import type { Link } from "../../api/shapes";
import { about, moment } from "../../i18n/format";
import { useTrunkWords } from "../../i18n/trunks";
import { Icon } from "../../ui/Icon";
import { useGaps } from "../calls/gaps";
import { useMinute } from "../minute";
import { PageHead, Panel } from "../parts/Layout";
import { Empty, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { AllLinks } from "./AllLinks";
import { useSystems, useTrunks } from "./api";
import { isLinkDown, linkChain } from "./chain";
import { Diagnosis, Reasons } from "./Diagnosis";
import { isCalled, systemPath, useSaid } from "./state";
import { Missing } from "./TrunkPage";
import style from "./Trunks.module.css";
import { atTime, sinceTime } from "./times";

const GAPS_SHOWN = 20;

/** The link to one telephone system: where it fails, why, what to do, what is missing meanwhile. */
export default function SystemPage({ id }: { id: string }) {
  const words = useTrunkWords();
  const link = useSystems().find((one) => isCalled(one.pbx, id));
  if (link !== undefined) return <Whole link={link} />;
  return <Missing title={id} words={words.systemNotFound} />;
}

function Whole({ link }: { link: Link }) {
  const words = useTrunkWords();
  const { links, retries, cost, meanwhile } = words;
  const now = useMinute();
  const { cause, remedy } = useSaid()(link);
  const its = useTrunks().filter((one) => one.pbx === link.pbx);
  const names = its.map((one) => one.name).join(", ");
  const down = isLinkDown(link);
  const retry =
    link.next_try_at === null ? retries.linkNow : retries.link(atTime(link.next_try_at, now));
  return (
    <>
      <PageHead
        title={link.pbx}
        lead={`${links.kind} · ${links.phase[link.phase]} ${sinceTime(link.since, now)}`}
      />
      <Stale />
      <div className={parts.split}>
        <div className={parts.detail}>
          <Diagnosis
            label={links.chain}
            steps={linkChain(link, words, now)}
            title={cause || links.headline[link.phase]}
            lead={cause ? links.headline[link.phase] : ""}
            evidence={[]}
            fixes={[remedy, link.phase === "up" ? "" : retry].filter(Boolean)}
          />
          <Gaps pbx={link.pbx} />
        </div>
        <div className={parts.detail}>
          <AllLinks chosen={systemPath(link.pbx)} />
          {down && (
            <Panel label={meanwhile} title={meanwhile}>
              <div className={parts.pad}>
                <Reasons
                  items={[
                    { icon: "dash", tone: "dim", text: cost.pops },
                    ...(names
                      ? [
                          {
                            icon: "dash" as const,
                            tone: "dim" as const,
                            text: links.affected(names),
                          },
                        ]
                      : []),
                    { icon: "ok", tone: "ok", text: cost.back },
                  ]}
                />
              </div>
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

function Gaps({ pbx }: { pbx: string }) {
  const { links } = useTrunkWords();
  const now = useMinute();
  const found = useGaps();
  const gaps = (found.data?.items ?? []).filter((one) => one.pbx === pbx);
  return (
    <Panel label={links.gaps} title={links.gaps}>
      {gaps.length === 0 ? (
        found.data && <Empty>{links.gapsNone}</Empty>
      ) : (
        <div className={parts.pad}>
          <ul className={style.episodes}>
            {gaps.slice(0, GAPS_SHOWN).map((one) => (
              <li key={one.id}>
                <Icon name={one.unknown ? "risk" : "ok"} tone={one.unknown ? "warn" : "ok"} />
                <div>
                  <b className="num">{moment(one.from, now)}</b>
                  <span className={style.remedy}>
                    {one.recovered > 0 && `${links.gapRecovered(one.recovered)}; `}
                    {one.unknown ? links.gapUnknown : links.gapComplete}
                  </span>
                </div>
                <span className={`num ${style.when}`}>
                  {one.to === null ? "" : about(Date.parse(one.to) - Date.parse(one.from))}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}
