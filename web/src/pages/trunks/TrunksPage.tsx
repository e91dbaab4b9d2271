import { Link } from "wouter";
import { type TrunkWords, useTrunkWords } from "../../i18n/trunks";
import { buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { shortly } from "../format";
import { useMinute } from "../minute";
import { PageHead, Panel } from "../parts/Layout";
import { Empty, Stale } from "../parts/Notice";
import { StateBadge } from "./AllLinks";
import { useAdministers, useSystems, useTrunks } from "./api";
import { milliseconds } from "./chain";
import { SystemsTable } from "./SystemsTable";
import { byUrgency, LOOKS, roundTrip, trunkPath, useSaid } from "./state";
import style from "./Trunks.module.css";
import { sinceTime } from "./times";
import type { Trunk } from "./types";

/** Trunks and telephone systems: what works, since when, and what to do about the rest. */
export default function TrunksPage() {
  const words = useTrunkWords();
  const trunks = byUrgency(useTrunks());
  const systems = useSystems();
  const administers = useAdministers();
  return (
    <>
      <PageHead title={words.title} lead={words.lead}>
        {administers && (
          <Link className={buttonClass()} href="/trunks/configure">
            <Icon name="note" />
            {words.configure}
          </Link>
        )}
      </PageHead>
      <Panel label={words.list} title={words.list}>
        <Stale />
        {trunks.length === 0 ? <Empty>{words.none}</Empty> : <TrunksTable trunks={trunks} />}
      </Panel>
      <Panel label={words.systems} title={words.systems}>
        {systems.length === 0 ? (
          <Empty>{words.noneSystems}</Empty>
        ) : (
          <SystemsTable links={systems} trunks={trunks} />
        )}
      </Panel>
    </>
  );
}

/** A row for each trunk; what is wrong with it stands under its name, with what to do. */
export function TrunksTable({ trunks }: { trunks: readonly Trunk[] }) {
  const { column } = useTrunkWords();
  return (
    <table className={style.table}>
      <thead>
        <tr>
          <th scope="col">{column.trunk}</th>
          <th scope="col">{column.state}</th>
          <th scope="col">{column.registration}</th>
          <th scope="col" className={`${style.r} ${style.narrowOff}`}>
            {column.rtt}
          </th>
          <th scope="col" className={style.r}>
            {column.channels}
          </th>
          <th scope="col" className={style.r}>
            {column.lastCall}
          </th>
        </tr>
      </thead>
      <tbody>
        {trunks.map((one) => (
          <Row key={trunkPath(one)} trunk={one} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ trunk }: { trunk: Trunk }) {
  const words = useTrunkWords();
  const now = useMinute();
  const { column, registered } = words;
  const seen = trunk.state !== "unknown";
  const rtt = seen ? roundTrip(trunk) : null;
  const { channels, registration, last_call_at: last } = trunk;
  return (
    <tr>
      <td>
        <div className={style.trunk}>
          <Icon name={LOOKS[trunk.state].icon} tone={LOOKS[trunk.state].tone} />
          <Link href={trunkPath(trunk)}>
            <Name>{trunk.name}</Name>
          </Link>
          <Alarm trunk={trunk} />
        </div>
      </td>
      <td data-label={column.state}>
        <span>
          <StateBadge trunk={trunk} /> <Since at={trunk.since} />
        </span>
      </td>
      <td data-label={column.registration}>
        {registration === null ? words.ipOnly : registered[seen ? registration.state : "unknown"]}
      </td>
      <td data-label={column.rtt} className={`num ${style.r} ${style.narrowOff}`}>
        {rtt === null ? words.notKnown : milliseconds(rtt)}
      </td>
      <td data-label={column.channels} className={`num ${style.r}`}>
        {seen ? inUse(channels, words) : words.notKnown}
      </td>
      <td data-label={column.lastCall} className={`num ${style.r}`}>
        {last === null ? words.noneYet : shortly(last, now)}
      </td>
    </tr>
  );
}

function inUse({ now, limit }: Trunk["channels"], words: TrunkWords): string {
  return limit === null ? String(now) : words.channelsOf(now, limit);
}

function Since({ at }: { at: string }) {
  return <span className="dim nw">{sinceTime(at, useMinute())}</span>;
}

function Alarm({ trunk }: { trunk: Trunk }) {
  const { kind } = useTrunkWords();
  const said = useSaid();
  const [alarm] = trunk.alarms;
  const told = alarm ?? trunk;
  if (told.cause === null) {
    return (
      <span className={`${style.alarm} ${style.s}`}>
        {trunk.kind === "sip" ? kind.sip : kind.asterisk(trunk.pbx)}
      </span>
    );
  }
  const { cause, remedy } = said(told);
  return (
    <span className={style.alarm}>
      {cause}
      {remedy && <span className={style.remedy}>{remedy}</span>}
    </span>
  );
}
