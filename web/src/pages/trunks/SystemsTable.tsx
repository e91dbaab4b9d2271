import { Link } from "wouter";
import type { Link as SystemLink } from "../../api/shapes";
import { useTrunkWords } from "../../i18n/trunks";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useMinute } from "../minute";
import { linkLook, systemPath, useSaid } from "./state";
import style from "./Trunks.module.css";
import { sinceTime } from "./times";
import type { Trunk } from "./types";

interface SystemsProps {
  links: readonly SystemLink[];
  trunks: readonly Trunk[];
}

/** A row for each telephone system that we are linked to. */
export function SystemsTable({ links, trunks }: SystemsProps) {
  const words = useTrunkWords();
  return (
    <table className={style.table}>
      <thead>
        <tr>
          <th scope="col">{words.links.kind}</th>
          <th scope="col">{words.column.state}</th>
          <th scope="col">{words.links.its}</th>
        </tr>
      </thead>
      <tbody>
        {links.map((one) => (
          <Row
            key={one.pbx}
            link={one}
            its={trunks.filter((trunk) => trunk.pbx === one.pbx).map((trunk) => trunk.name)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ link, its }: { link: SystemLink; its: readonly string[] }) {
  const words = useTrunkWords();
  const now = useMinute();
  const { cause, remedy } = useSaid()(link);
  const look = linkLook(link);
  return (
    <tr>
      <td>
        <div className={style.trunk}>
          <Icon name={look.icon} tone={look.tone} />
          <Link href={systemPath(link.pbx)}>
            <Name>{link.pbx}</Name>
          </Link>
          {cause && link.phase !== "up" && (
            <span className={style.alarm}>
              {cause}
              {remedy && <span className={style.remedy}>{remedy}</span>}
            </span>
          )}
        </div>
      </td>
      <td data-label={words.column.state}>
        <span>
          <Badge tone={look.tone}>{words.links.phase[link.phase]}</Badge>{" "}
          <span className="dim nw">{sinceTime(link.since, now)}</span>
        </span>
      </td>
      <td data-label={words.links.its}>{its.join(", ") || words.links.noTrunks}</td>
    </tr>
  );
}
