import { Link } from "wouter";
import { trunkKey, useDesk } from "../../api/store";
import { phone } from "../../i18n/format";
import { useTrunkWords } from "../../i18n/trunks";
import { Icon } from "../../ui/Icon";
import { shortly } from "../format";
import { useMinute } from "../minute";
import { PageHead, Panel } from "../parts/Layout";
import { Empty, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { AllLinks } from "./AllLinks";
import { useTrunks } from "./api";
import { isLinkUp, trunkChain } from "./chain";
import { Diagnosis, type Evidence, Reasons } from "./Diagnosis";
import { costOf, evidenceOf, retryOf } from "./evidence";
import { HistoryPanel } from "./HistoryPanel";
import { isCalled, trunkPath, useSaid } from "./state";
import { TestPanel } from "./TestPanel";
import style from "./Trunks.module.css";
import { atTime, sinceTime } from "./times";
import type { Said, Trunk } from "./types";

/** One trunk: where it fails, why, what to do; its history, and a call to try it. */
export default function TrunkPage({ id }: { id: string }) {
  const words = useTrunkWords();
  const trunks = useTrunks();
  const trunk = findTrunk(trunks, id);
  if (trunk !== null) return <Whole trunk={trunk} others={trunks} />;
  return <Missing title={id} words={words.notFound} />;
}

/** Something that is not in the configuration: said, with the way back. */
export function Missing({ title, words }: { title: string; words: string }) {
  const { list } = useTrunkWords();
  return (
    <>
      <PageHead title={title} />
      <Panel label={list}>
        <Empty>
          {words}
          <Link href="/trunks">{list}</Link>
        </Empty>
      </Panel>
    </>
  );
}

/** A trunk by `PBX:NAME`, or by its name if it is the only one of that name. */
export function findTrunk(trunks: readonly Trunk[], id: string): Trunk | null {
  const whole = trunks.find((one) => isCalled(trunkKey(one), id));
  const named = trunks.filter((one) => isCalled(one.name, id));
  return whole ?? (named.length === 1 ? (named[0] ?? null) : null);
}

function Whole({ trunk, others }: { trunk: Trunk; others: readonly Trunk[] }) {
  const words = useTrunkWords();
  const now = useMinute();
  const link = useDesk((state) => state.links.get(trunk.pbx));
  const rest = others.filter((one) => one !== trunk);
  const costs = costOf(trunk, link, rest, words);
  const kind = trunk.kind === "sip" ? words.kind.sip : words.kind.asterisk(trunk.pbx);
  const lead = [kind, trunk.registration?.server, sinceTime(trunk.since, now)];
  return (
    <>
      <PageHead title={trunk.name} lead={lead.filter(Boolean).join(" · ")} />
      <Stale />
      <Headline trunk={trunk} costs={costs} />
      <div className={parts.split}>
        <div className={parts.detail}>
          <TrunkDiagnosis trunk={trunk} />
          <TestPanel trunk={trunk} />
          <HistoryPanel trunk={trunk} />
        </div>
        <div className={parts.detail}>
          <AllLinks chosen={trunkPath(trunk)} />
          {costs.length > 0 && (
            <Panel label={words.meanwhile} title={words.meanwhile}>
              <div className={parts.pad}>
                <Reasons items={costs} />
              </div>
            </Panel>
          )}
          <Facts trunk={trunk} />
        </div>
      </div>
    </>
  );
}

/** What the first alarm costs, at the top: only while there is one. */
function Headline({ trunk, costs }: { trunk: Trunk; costs: readonly Evidence[] }) {
  const words = useTrunkWords();
  const now = useMinute();
  const [alarm] = trunk.alarms;
  if (alarm === undefined) return null;
  const down = alarm.kind === "down";
  const { tests } = trunk.test;
  const wrong = alarm.kind === "test" && tests.length > 1 ? tests : [];
  const names = wrong.filter((one) => one.wrong !== null).map((one) => one.name);
  return (
    <div className={`${style.banner} ${down ? "" : style.warned}`}>
      <Icon name={down ? "off" : "risk"} tone={down ? "risk" : "warn"} large />
      <span>
        <b>
          {words.alarm[alarm.kind]}
          {names.length > 0 && ` (${names.join(", ")})`} {sinceTime(alarm.since, now)}.
        </b>{" "}
        {costs[0] && `${costs[0].text}.`}
      </span>
    </div>
  );
}

function TrunkDiagnosis({ trunk }: { trunk: Trunk }) {
  const words = useTrunkWords();
  const said = useSaid();
  const now = useMinute();
  const link = useDesk((state) => state.links.get(trunk.pbx));
  const blind = trunk.kind === "asterisk" && link !== undefined && !isLinkUp(link);
  const told = toldOf(trunk).map(said);
  const [first] = told;
  const retry = blind
    ? link.next_try_at === null
      ? words.retries.linkNow
      : words.retries.link(atTime(link.next_try_at, now))
    : retryOf(trunk, words);
  const fixes = (blind ? [said(link).remedy] : told.map((one) => one.remedy)).filter(Boolean);
  const title = blind
    ? words.headline.blind(trunk.pbx)
    : first?.cause || words.headline[trunk.state];
  const more = told.slice(1).map((one) => one.cause);
  const lead = blind ? said(link).cause : more.join(" ") || (first ? "" : words.noFault);
  return (
    <Diagnosis
      label={words.chain.label}
      steps={trunkChain(trunk, link, words, now)}
      title={title}
      lead={lead}
      evidence={blind ? [] : evidenceOf(trunk, words, now)}
      fixes={[...new Set([...fixes, ...(retry === null ? [] : [retry])])]}
    />
  );
}

/** What there is to say of a trunk: alarms, why its state is what it is, and what a test met. */
export function toldOf(trunk: Trunk): readonly Said[] {
  const { alarms, cause } = trunk;
  const said = cause === null || alarms.some((one) => one.kind === "down" || one.cause === cause);
  // a test fails for what fails before it
  const tests = alarms.filter((one) => one.kind === "test");
  return [...alarms.filter((one) => one.kind !== "test"), ...(said ? [] : [trunk]), ...tests];
}

function Facts({ trunk }: { trunk: Trunk }) {
  const { facts, fact, notKnown, noneYet } = useTrunkWords();
  const now = useMinute();
  const { channels, registration, contacts, last_call_at: last } = trunk;
  // what nobody sees now would look live
  const seen = trunk.state !== "unknown";
  const rows: [string, string][] = [
    [fact.channels, seen ? String(channels.now) : notKnown],
    [fact.peak, String(channels.peak_today)],
    [fact.limit, channels.limit === null ? fact.noLimit : String(channels.limit)],
    [fact.lastCall, last === null ? noneYet : shortly(last, now)],
    [fact.addresses, contacts.map((one) => phone(one.address)).join(", ") || notKnown],
  ];
  if (registration !== null) {
    const until = registration.expires_at;
    rows.push([fact.server, registration.server || notKnown]);
    rows.push([fact.expires, until === null || !seen ? notKnown : shortly(until, now)]);
  }
  return (
    <Panel label={facts} title={facts}>
      <div className={parts.pad}>
        <dl className={parts.kv}>
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}
