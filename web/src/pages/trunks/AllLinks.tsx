import { Link } from "wouter";
import type { Link as SystemLink } from "../../api/shapes";
import { useTrunkWords } from "../../i18n/trunks";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useMinute } from "../minute";
import { Panel } from "../parts/Layout";
import { useSystems, useTrunks } from "./api";
import { byUrgency, LOOKS, linkLook, systemPath, trunkPath, useSaid } from "./state";
import style from "./Trunks.module.css";
import { sinceTime } from "./times";
import type { Trunk } from "./types";

/** Every telephone system and every trunk with its state: the way from one to the other. */
export function AllLinks({ chosen }: { chosen: string }) {
  const words = useTrunkWords();
  const systems = useSystems();
  const trunks = byUrgency(useTrunks());
  return (
    <Panel label={words.allLinks} title={words.allLinks}>
      <ul className={style.links}>
        {systems.map((one) => (
          <SystemRow key={one.pbx} link={one} chosen={chosen} />
        ))}
        {trunks.map((one) => (
          <TrunkRow key={trunkPath(one)} trunk={one} chosen={chosen} />
        ))}
      </ul>
    </Panel>
  );
}

function SystemRow({ link, chosen }: { link: SystemLink; chosen: string }) {
  const { links } = useTrunkWords();
  const path = systemPath(link.pbx);
  const look = linkLook(link);
  return (
    <li>
      <Link href={path} aria-current={chosen === path ? "page" : undefined}>
        <Icon name={look.icon} tone={look.tone} />
        <span className={style.what}>
          <b>
            <Name>{link.pbx}</Name>
          </b>
          <span className={style.s}>{links.kind}</span>
        </span>
        <Badge tone={look.tone}>{links.phase[link.phase]}</Badge>
      </Link>
    </li>
  );
}

function TrunkRow({ trunk, chosen }: { trunk: Trunk; chosen: string }) {
  const path = trunkPath(trunk);
  return (
    <li>
      <Link href={path} aria-current={chosen === path ? "page" : undefined}>
        <Icon name={LOOKS[trunk.state].icon} tone={LOOKS[trunk.state].tone} />
        <span className={style.what}>
          <b>
            <Name>{trunk.name}</Name>
          </b>
          <TrunkLine trunk={trunk} />
        </span>
        <StateBadge trunk={trunk} />
      </Link>
    </li>
  );
}

/** What a trunk is at: its alarm, else how it is registered. */
export function TrunkLine({ trunk }: { trunk: Trunk }) {
  const words = useTrunkWords();
  const said = useSaid();
  const now = useMinute();
  const [alarm] = trunk.alarms;
  const { registration } = trunk;
  const since =
    registration?.state === "registered" && registration.since !== null
      ? ` ${sinceTime(registration.since, now)}`
      : "";
  const text =
    (alarm && said(alarm).cause) ||
    (registration === null ? words.kindShort(trunk.pbx) : words.registered[registration.state]) +
      since;
  return <span className={style.s}>{text}</span>;
}

/** The state of a trunk in a word, or what its alarm is. */
export function StateBadge({ trunk }: { trunk: Trunk }) {
  const words = useTrunkWords();
  const [alarm] = trunk.alarms;
  if (alarm !== undefined && (trunk.state === "up" || alarm.kind !== "down")) {
    return <Badge tone={trunk.state === "down" ? "risk" : "warn"}>{words.alarm[alarm.kind]}</Badge>;
  }
  return <Badge tone={LOOKS[trunk.state].tone}>{words.state[trunk.state]}</Badge>;
}
