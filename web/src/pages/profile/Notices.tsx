import { useState } from "react";
import { prefer, usePreference } from "../../app/preferences";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Panel } from "../parts/Layout";
import parts from "../parts/parts.module.css";
import { askNotices, noticesNow } from "./notices";
import style from "./Profile.module.css";

/** Notifications of the browser: whether it can, whether it may, whether one wants them. */
export function Notices() {
  const { profile } = useT().pages;
  const [may, setMay] = useState(noticesNow);
  const wanted = usePreference("notifications");
  return (
    <Panel label={profile.noticesTitle} title={profile.noticesTitle}>
      <div className={parts.pad}>
        <p className={style.state}>
          <Icon name={may === "granted" ? "ok" : "dash"} tone={may === "granted" ? "ok" : "dim"} />
          <span>{profile.notices[may]}</span>
        </p>
        {may === "default" && (
          <div className={parts.row}>
            <Button onClick={() => void askNotices().then(setMay)}>{profile.notices.turnOn}</Button>
          </div>
        )}
        {may === "granted" && (
          <label className={parts.check}>
            <input
              type="checkbox"
              checked={wanted}
              onChange={(event) => prefer({ notifications: event.target.checked })}
            />
            {profile.noticesUse}
          </label>
        )}
      </div>
    </Panel>
  );
}
