import { useState } from "react";
import { useAgents } from "../../api/queries";
import type { Agent, AgentPhone } from "../../api/shapes";
import { phoneKey, useDesk, useMe } from "../../api/store";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { Icon, type Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { Name } from "../../ui/Name";
import { DialButton } from "../parts/Dial";
import { PageHead, Panel } from "../parts/Layout";
import { Empty, Failed, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import style from "./People.module.css";
import { servedBy } from "./presence";

const AT_ONCE = 60;

/** Colleagues: who is there, what their phone does at this moment. */
export default function PeoplePage() {
  const { people, common } = useT().pages;
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(AT_ONCE);
  const found = useAgents();
  const wanted = typed.trim().toLocaleLowerCase();
  const agents = (found.data?.items ?? []).filter(
    (one) =>
      `${one.name} ${one.login}`.toLocaleLowerCase().includes(wanted) ||
      one.extensions.some((phone) => phone.extension.startsWith(wanted)),
  );
  return (
    <>
      <PageHead title={people.title} lead={people.lead} />
      <Panel label={people.list}>
        <div className={parts.tools}>
          <label className={`${parts.field} ${style.search}`}>
            <span className="vh">{people.search}</span>
            <input
              className={parts.input}
              type="search"
              placeholder={people.search}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        </div>
        <Stale />
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && agents.length === 0 && <Empty>{people.noneFound}</Empty>}
        <ul className={style.people}>
          {agents.slice(0, shown).map((one) => (
            <Person key={one.login} agent={one} />
          ))}
        </ul>
        {agents.length > shown && (
          <div className={parts.pad}>
            <Button onClick={() => setShown(shown + AT_ONCE)}>{common.more}</Button>
          </div>
        )}
      </Panel>
    </>
  );
}

function Person({ agent }: { agent: Agent }) {
  const { people, customer } = useT().pages;
  const me = useMe();
  const mine = agent.login === me.login;
  const first = agent.extensions[0];
  const may = me.scopes.includes("calls:dial");
  return (
    <li className={style.person}>
      <div className={style.who}>
        <b>
          <Name>{agent.name || agent.login}</Name>
        </b>{" "}
        {mine && <span className="dim">({people.me})</span>}
        {first === undefined && <span className={style.s}>{people.noPhone}</span>}
        {agent.extensions.map((one) => (
          <PhoneState key={`${one.pbx ?? ""}/${one.extension}`} phone={one} />
        ))}
      </div>
      {first !== undefined && !mine && may && (
        <DialButton
          number={first.extension}
          label={customer.call}
          whom={agent.name || agent.login}
          small
        />
      )}
    </li>
  );
}

const SIGNS: Record<NonNullable<AgentPhone["state"]>, readonly [IconName, Tone]> = {
  unknown: ["dash", "dim"],
  idle: ["ok", "ok"],
  in_use: ["phone", "mid"],
  busy: ["phone", "mid"],
  invalid: ["off", "dim"],
  unavailable: ["off", "dim"],
  ringing: ["ring", "acc"],
  ringing_in_use: ["ring", "acc"],
  on_hold: ["hold", "warn"],
};

function PhoneState({ phone }: { phone: AgentPhone }) {
  const { people } = useT().pages;
  const pbx = phone.on ?? phone.pbx;
  const live = useDesk((state) =>
    pbx ? state.phones.get(phoneKey(pbx, phone.extension)) : undefined,
  );
  const queues = useDesk((state) => state.queues);
  const state = live?.state ?? phone.state ?? "unknown";
  const [icon, tone] = SIGNS[state];
  const members = servedBy(queues.values(), [phone.extension]).flatMap((one) => one.member ?? []);
  const paused = members.length > 0 && members.every((one) => one.paused);
  const reason = members[0]?.pause_reason;
  const facts = [
    (live?.registered ?? phone.registered) === false ? people.unregistered : people.state[state],
    paused ? (reason ? people.paused(reason) : people.pausedPlain) : null,
    live?.stale || phone.stale ? people.stale : null,
  ];
  return (
    <span className={style.s}>
      <Icon
        name={paused && state === "idle" ? "pause" : icon}
        tone={paused && state === "idle" ? "warn" : tone}
      />
      <span>
        <span className="num">{phone.extension}</span> {facts.filter(Boolean).join(", ")}
      </span>
    </span>
  );
}
