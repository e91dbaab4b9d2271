import { Link } from "wouter";
import type { CallRecord } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock, span } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { dayKey, dayTitle } from "../format";
import { usePhoneNames } from "../lists";
import { useMinute } from "../minute";
import style from "./Calls.module.css";
import { GapRow } from "./GapRow";
import type { Gap } from "./gaps";
import { otherName, ourPhone, outcomeOf, signOf } from "./said";

interface CallRowsProps {
  calls: readonly CallRecord[];
  gaps: readonly Gap[];
  chosen: string | null;
  /** What of the address stays when a call is opened: the filters. */
  search: string;
}

/** Calls under their days, with the times in which none were seen. */
export function CallRows({ calls, gaps, chosen, search }: CallRowsProps) {
  const now = useMinute();
  return groups(calls, gaps).map((group) => (
    <section key={group.key}>
      <h2 className={style.day}>{dayTitle(group.at, now)}</h2>
      <ul className={style.rows}>
        {group.entries.map((entry) =>
          "pbx" in entry && "unknown" in entry ? (
            <GapRow key={`gap${entry.id}`} gap={entry} />
          ) : (
            <li key={entry.id}>
              <CallRow call={entry} chosen={entry.id === chosen} search={search} />
            </li>
          ),
        )}
      </ul>
    </section>
  ));
}

type Entry = CallRecord | Gap;

interface Group {
  key: string;
  at: string;
  entries: Entry[];
}

/** Put calls and gaps in one order, newest first, by local day. */
export function groups(calls: readonly CallRecord[], gaps: readonly Gap[]): Group[] {
  const began = (entry: Entry) => ("from" in entry ? entry.from : (entry.started_at ?? ""));
  const oldest = calls.at(-1)?.started_at ?? "";
  const entries: Entry[] = [...calls, ...gaps.filter((one) => one.from >= oldest)];
  entries.sort((a, b) => (began(a) < began(b) ? 1 : -1));
  const found: Group[] = [];
  for (const entry of entries) {
    const key = began(entry) === "" ? "" : dayKey(began(entry));
    const last = found.at(-1);
    if (last?.key === key) last.entries.push(entry);
    else found.push({ key, at: began(entry), entries: [entry] });
  }
  return found;
}

interface CallRowProps {
  call: CallRecord;
  chosen: boolean;
  search: string;
}

function CallRow({ call, chosen, search }: CallRowProps) {
  const words = useT().pages;
  const people = usePhoneNames();
  const sign = signOf(call);
  const who = ourPhone(call);
  return (
    <Link
      href={`/calls/${call.id}${search}`}
      className={`${style.row} ${chosen ? style.on : ""}`}
      aria-current={chosen}
    >
      <Icon name={sign.icon} tone={sign.tone} />
      <span className={style.who}>
        <b>
          <Name>{otherName(call, words)}</Name>
        </b>
        <span className={style.s}>
          {[words.call[call.direction], call.queue ?? call.line].filter(Boolean).join(" · ")}
          {!call.complete && (
            <>
              {" "}
              <Badge tone="warn" icon="dash">
                {words.calls.partial}
              </Badge>
            </>
          )}
        </span>
      </span>
      <span className={style.who}>
        <span className={style.s}>{outcomeOf(call, words)}</span>
        <span className={style.s}>
          {[who && people(who), call.wrap_ups.at(-1)?.disposition].filter(Boolean).join(" · ")}
        </span>
      </span>
      <time className={`num ${style.r}`} dateTime={call.started_at ?? undefined}>
        {call.started_at === null ? words.common.unknown : clock(call.started_at)}
      </time>
      <span className={`num dim ${style.r}`}>
        {call.seconds.talk ? span(call.seconds.talk * 1000) : ""}
      </span>
    </Link>
  );
}
