import type { ReactNode } from "react";
import { Link } from "wouter";
import type { CallRecord } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock, moment, phone, span } from "../../i18n/format";
import { buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { usePhoneNames } from "../lists";
import { PhoneNumber } from "../parts/Dial";
import { Panel } from "../parts/Layout";
import parts from "../parts/parts.module.css";
import style from "./Calls.module.css";
import { Handoffs } from "./Handoffs";
import { Receipts } from "./Receipts";
import { doubtsOf, otherName, otherNumber, saidOf } from "./said";
import { WrapUps } from "./WrapUps";

/** One call: what happened in words, the way it took, notes, recordings, what the CRMs got. */
export function CallDetail({ call }: { call: CallRecord }) {
  const words = useT().pages;
  const people = usePhoneNames();
  const now = useNow();
  const when = call.started_at === null ? words.common.unknown : moment(call.started_at, now);
  return (
    <Panel label={words.call.detail} title={otherName(call, words)} sub={when}>
      <div className={parts.pad}>
        <p className={style.said}>{saidOf(call, words, people)}</p>
        {doubtsOf(call, words).map((doubt) => (
          <p key={doubt} className={style.doubt}>
            <Icon name="risk" tone="warn" />
            <span>{doubt}</span>
          </p>
        ))}
        {call.merged_into !== null && (
          <p>
            {words.calls.merged}{" "}
            <Link href={`/calls/${call.merged_into}`}>{words.calls.openMerged}</Link>
          </p>
        )}
        <Ways call={call} />
        <WrapUps call={call} />
        <Handoffs call={call} />
        <Way call={call} />
        <Times call={call} />
        <Transfers call={call} />
        <Recordings call={call} />
        <Receipts call={call} />
      </div>
    </Panel>
  );
}

function Ways({ call }: { call: CallRecord }) {
  const words = useT().pages;
  const number = otherNumber(call);
  const { contact } = call;
  const certain = contact?.match === "exact" || contact?.match === "company";
  return (
    <div className={parts.row}>
      {number !== null && call.direction !== "internal" && <PhoneNumber>{number}</PhoneNumber>}
      {contact !== null && certain && (
        <Link
          className={buttonClass("quiet", true)}
          href={`/contacts/${encodeURIComponent(contact.id)}`}
        >
          <Icon name="person" />
          {words.call.openCustomer}
        </Link>
      )}
      {contact?.match === "several" && <span className="mid">{words.call.match.several}</span>}
      {contact === null && number !== null && call.direction !== "internal" && (
        <Link
          className={buttonClass("quiet", true)}
          href={`/contacts/new?number=${encodeURIComponent(number)}`}
        >
          <Icon name="add" />
          {words.customers.new}
        </Link>
      )}
    </div>
  );
}

/** A part of the detail with its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={parts.sec}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

type Row = readonly [string, string | null];

function Rows({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className={parts.kv}>
      {rows.map(([label, text]) =>
        text === null || text === "" ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">
              <Name>{text}</Name>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A party's number as people write it. */
function readable(party: { number: string | null; e164: string | null }): string | null {
  return party.e164 === null ? party.number : phone(party.e164);
}

function Way({ call }: { call: CallRecord }) {
  const { call: words, common } = useT().pages;
  const people = usePhoneNames();
  const caller =
    call.caller.presentation === "withheld"
      ? common.withheld
      : [call.caller.name, readable(call.caller)].filter(Boolean).join(", ");
  return (
    <Section title={words.way}>
      <Rows
        rows={[
          [words.caller, caller],
          [words.called, readable(call.called)],
          [words.line, call.line],
          [words.queue, call.queue],
          [words.menu, call.ivr.join(", ")],
          [words.rung, call.rung.map((round) => round.join(" + ")).join(", ")],
          [words.answeredBy, call.answered_by && people(call.answered_by)],
          [
            words.finalTalker,
            call.final_talker !== call.answered_by && call.final_talker
              ? people(call.final_talker)
              : null,
          ],
          [words.pbx, call.pbx],
        ]}
      />
    </Section>
  );
}

function Times({ call }: { call: CallRecord }) {
  const { call: words } = useT().pages;
  const long = (seconds: number | null) => (seconds === null ? null : span(seconds * 1000));
  const at = (time: string | null) => (time === null ? null : clock(time, true));
  return (
    <Section title={words.times}>
      <Rows
        rows={[
          [words.started, at(call.started_at)],
          [words.answeredAt, at(call.answered_at)],
          [words.ended, call.end === "unseen" ? null : at(call.ended_at)],
          [words.wait, long(call.seconds.wait)],
          [words.ring, long(call.seconds.ring)],
          [words.talk, long(call.seconds.talk)],
          [words.hold, call.seconds.hold ? long(call.seconds.hold) : null],
        ]}
      />
    </Section>
  );
}

function Transfers({ call }: { call: CallRecord }) {
  const { call: words, common } = useT().pages;
  const people = usePhoneNames();
  if (call.transfers.length === 0) return null;
  return (
    <Section title={words.transfers}>
      <ol className={style.list}>
        {call.transfers.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record's transfers never change places
          <li key={index}>
            {words.transfer[one.type](one.to === null ? common.unknown : people(one.to))}
            <span className={style.s}>
              {[
                one.from && words.byWhom(people(one.from)),
                one.at && clock(one.at),
                one.completed ? null : words.transferFailed,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Recordings({ call }: { call: CallRecord }) {
  const { call: words } = useT().pages;
  if (call.recordings.length === 0) return null;
  return (
    <Section title={words.recordings}>
      <ul className={style.list}>
        {call.recordings.map((one, index) => (
          <li key={one.url}>
            {/^https?:/.test(one.url) ? (
              <a href={one.url} target="_blank" rel="noopener noreferrer">
                {words.recording(index + 1)}
              </a>
            ) : (
              <>
                {words.recording(index + 1)} <bdi className="dim">{one.url}</bdi>
              </>
            )}
            {one.from !== null && ` ${words.recordingFrom(clock(one.from, true))}`}
          </li>
        ))}
      </ul>
    </Section>
  );
}
