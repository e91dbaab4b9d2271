import { useState } from "react";
import { useMe } from "../../api/store";
import { useUnkept } from "../../app/keeping";
import { prefer, type Theme, usePreference } from "../../app/preferences";
import { useT } from "../../i18n";
import { LANGUAGES, language } from "../../i18n/language";
import { useSetting } from "../../i18n/setting";
import { Button } from "../../ui/Button";
import { PageHead, Panel, Segments } from "../parts/Layout";
import parts from "../parts/parts.module.css";
import { Notices } from "./Notices";
import { callAddress, canTakeTel, takeTel } from "./notices";
import style from "./Profile.module.css";
import { Security } from "./Security";
import { Sound } from "./Sound";
import { Tokens } from "./Tokens";

const THEMES: readonly Theme[] = ["auto", "light", "dark"];

/** How the desk behaves for one person, and how they sign in. */
export default function ProfilePage() {
  const { profile } = useT().pages;
  const me = useMe();
  const unkept = useUnkept();
  return (
    <>
      <PageHead title={profile.title} lead={profile.lead(me.name || me.login)} />
      {unkept && <p className="mid">{profile.unkept}</p>}
      <div className={style.columns}>
        <div className={style.column}>
          <Look />
          <Sound />
          <Notices />
          <Keys />
          <TelLinks />
        </div>
        <div className={style.column}>
          <Security />
          <Tokens />
        </div>
      </div>
    </>
  );
}

function Look() {
  const { profile, common } = useT().pages;
  const chosen = useSetting(language);
  const theme = usePreference("theme");
  const themes = {
    auto: profile.theme.system,
    light: profile.theme.light,
    dark: profile.theme.dark,
  };
  return (
    <Panel label={profile.look} title={profile.look}>
      <div className={parts.pad}>
        <div className={style.row}>
          <span>{profile.language}</span>
          <Segments
            label={profile.language}
            value={chosen}
            onChange={(value) => prefer({ language: value })}
            options={LANGUAGES.map((value) => ({ value, label: common.language[value] }))}
          />
        </div>
        <div className={style.row}>
          <span>{profile.themeTitle}</span>
          <Segments
            label={profile.themeTitle}
            value={theme}
            onChange={(value) => prefer({ theme: value })}
            options={THEMES.map((value) => ({ value, label: themes[value] }))}
          />
        </div>
      </div>
    </Panel>
  );
}

function Keys() {
  const { profile } = useT().pages;
  const singleKeys = usePreference("singleKeys");
  return (
    <Panel label={profile.keys} title={profile.keys}>
      <div className={parts.pad}>
        <label className={parts.check}>
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => prefer({ singleKeys: event.target.checked })}
          />
          {profile.keysOn}
        </label>
      </div>
    </Panel>
  );
}

function TelLinks() {
  const { profile } = useT().pages;
  const [asked, setAsked] = useState(false);
  const take = () => {
    takeTel();
    setAsked(true);
  };
  return (
    <Panel label={profile.links} title={profile.links}>
      <div className={parts.pad}>
        <p className="mid">{profile.telLead}</p>
        {canTakeTel() ? (
          <div className={parts.row}>
            <Button icon="phone" onClick={take}>
              {profile.telOn}
            </Button>
          </div>
        ) : (
          <p className="mid">{profile.telMissing(callAddress())}</p>
        )}
        {asked && <p className="mid">{profile.telAsked}</p>}
        <p className={style.address}>
          {profile.telUrl} <code>{callAddress().replace("%s", "%2B390612345678")}</code>
        </p>
      </div>
    </Panel>
  );
}
