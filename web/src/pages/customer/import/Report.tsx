import type { Imported } from "../../../api/upload";
import { useT } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { Name } from "../../../ui/Name";
import { Panel } from "../../parts/Layout";
import parts from "../../parts/parts.module.css";
import style from "./Import.module.css";

/** What an import did or would do, in six figures. */
export function Figures({ report }: { report: Imported }) {
  const { contactImport } = useT().pages;
  const { delimiter } = report;
  const figures: [string, number][] = [
    [contactImport.rows, report.rows],
    [contactImport.new, report.imported],
    [contactImport.changed, report.updated],
    [contactImport.same, report.unchanged],
    [contactImport.refused, report.refused],
    [contactImport.odd, report.warnings],
  ];
  const title = report.preview ? contactImport.seen : contactImport.done;
  const nothing = report.preview && report.imported + report.updated === 0;
  return (
    <Panel
      label={title}
      title={title}
      sub={contactImport.read(report.encoding, delimiter === "\t" ? contactImport.tab : delimiter)}
    >
      <dl className={style.figures}>
        {figures.map(([name, n]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{n}</dd>
          </div>
        ))}
      </dl>
      {nothing && <div className={parts.empty}>{contactImport.nothing}</div>}
    </Panel>
  );
}

interface RowsProps {
  title: string;
  lead?: string;
  rows: Imported["refusals"];
  all: number;
}

/** Rows of which something is to be said: the line, what is wrong, what to do. */
export function Rows({ title, lead, rows, all }: RowsProps) {
  const { contactImport } = useT().pages;
  if (rows.length === 0) return null;
  return (
    <Panel
      label={title}
      title={title}
      sub={rows.length < all ? contactImport.firstOnly(rows.length, all) : null}
    >
      {lead && <p className={`mid small ${style.lead}`}>{lead}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys */}
      <ul className={style.rows} tabIndex={0} aria-label={title}>
        {rows.map((one) => (
          <li key={`${one.line} ${one.reason}`}>
            <Icon name="risk" tone="warn" />
            <span className="num">{contactImport.line(one.line)}</span>
            <span>
              {one.reason}
              {one.remedy && <span className={style.remedy}>{one.remedy}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The entries that would be new or change, each value with what it was. */
export function Entries({ report }: { report: Imported }) {
  const { contactImport, customers, common } = useT().pages;
  const words: Readonly<Record<string, string>> = {
    True: contactImport.yes,
    person: customers.person,
    company: customers.companyKind,
    formal: common.formal,
    informal: common.informal,
  };
  const { differences } = report;
  const all = report.imported + report.updated;
  if (differences.length === 0) return null;
  const said = (value: string) => words[value] ?? value;
  return (
    <Panel
      label={contactImport.differences}
      title={contactImport.differences}
      sub={differences.length < all ? contactImport.firstOnly(differences.length, all) : null}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys */}
      <ul className={style.rows} tabIndex={0} aria-label={contactImport.differences}>
        {differences.map((one) => (
          <li key={one.id}>
            <Icon name={one.new ? "add" : "note"} tone="dim" />
            <span className={style.who}>
              <Name>{one.name ?? one.id}</Name>
              {one.new && <span className={style.remedy}>{contactImport.isNew}</span>}
            </span>
            <span>
              {one.values.map(([attribute = "", before = "", after = ""]) => (
                <span key={attribute} className={style.value}>
                  <span className="dim">{contactImport.attributes[attribute] ?? attribute}</span>{" "}
                  <bdi>{said(after) || "–"}</bdi>
                  {before && (
                    <span className="dim">
                      {" "}
                      ({contactImport.before} <bdi>{said(before)}</bdi>)
                    </span>
                  )}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
