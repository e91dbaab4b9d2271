import { useState } from "react";
import { Link } from "wouter";
import { phoneKey, useDesk, useMe } from "../../api/store";
import { useT } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { TakePhone } from "../people/PresenceMenu";
import { servedBy } from "../people/presence";
import { askNotices, noticesNow } from "../profile/notices";
import { type Check, checksOf } from "./checks";
import style from "./Idle.module.css";

/** The first day, before any call: what will happen here, and what is still missing. */
export function FirstDay() {
  const { idle } = useT().pages;
  const me = useMe();
  const extension = me.extensions[0]?.extension;
  return (
    <section className={style.card}>
      <div className={style.inner}>
        <h1>{extension === undefined ? idle.readyNoPhone : idle.ready(extension)}</h1>
        <p className="mid">{idle.lead}</p>
        <Checklist />
        {extension === undefined && <TakePhone />}
      </div>
    </section>
  );
}

/** What a call needs to arrive: phone, queues, notifications, one try. */
export function Checklist() {
  const words = useT().pages;
  const me = useMe();
  const queues = useDesk((state) => state.queues);
  const phones = useDesk((state) => state.phones);
  const links = useDesk((state) => state.links);
  const [notices, setNotices] = useState(noticesNow);
  const extensions = me.extensions.map((one) => {
    const live = one.pbx === null ? undefined : phones.get(phoneKey(one.pbx, one.extension));
    const any = [...phones.values()].find((each) => each.extension === one.extension);
    return { ...one, registered: (live ?? any)?.registered ?? one.registered };
  });
  const checks = checksOf(
    {
      extensions,
      served: servedBy(
        queues.values(),
        extensions.map((one) => one.extension),
      ),
      blind: ![...links.values()].some((one) => one.phase === "up"),
      notices,
    },
    words,
  );
  return (
    <ul className={style.todo}>
      {checks.map((check) => (
        <li key={check.key}>
          <Icon name={check.icon} tone={check.tone} />
          <span>{check.text}</span>
          <Do check={check} ask={() => void askNotices().then(setNotices)} />
        </li>
      ))}
    </ul>
  );
}

function Do({ check, ask }: { check: Check; ask: () => void }) {
  const { idle } = useT().pages;
  if (check.key !== "notices" || check.done) return null;
  return noticesNow() === "default" ? (
    <Button small onClick={ask}>
      {idle.turnOn}
    </Button>
  ) : (
    <Link className={buttonClass("plain", true)} href="/profile">
      {idle.choose}
    </Link>
  );
}
