import { prefer, usePreference } from "../../app/preferences";
import { sing } from "../../app/sound";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { Panel } from "../parts/Layout";
import parts from "../parts/parts.module.css";
import style from "./Profile.module.css";

const WHOLE = 100;

/** The one soft tone of a card that comes: on or off, and how loud. */
export function Sound() {
  const { profile } = useT().pages;
  const sound = usePreference("sound");
  const always = usePreference("soundAlways");
  const volume = usePreference("volume");
  const percent = Math.round(volume * WHOLE);
  return (
    <Panel label={profile.sound} title={profile.sound}>
      <div className={parts.pad}>
        <label className={parts.check}>
          <input
            type="checkbox"
            checked={sound}
            onChange={(event) => prefer({ sound: event.target.checked })}
          />
          {profile.soundOn}
        </label>
        <label className={parts.check}>
          <input
            type="checkbox"
            checked={always}
            disabled={!sound}
            onChange={(event) => prefer({ soundAlways: event.target.checked })}
          />
          {profile.soundAlways}
        </label>
        <label className={style.row}>
          {profile.volume}
          <input
            type="range"
            min={0}
            max={WHOLE}
            step={5}
            value={percent}
            disabled={!sound}
            aria-valuetext={profile.volumeValue(percent)}
            onChange={(event) => prefer({ volume: Number(event.target.value) / WHOLE })}
          />
        </label>
        <div className={parts.row}>
          <Button small disabled={!sound} onClick={() => sing("ring", volume)}>
            {profile.trySound}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
