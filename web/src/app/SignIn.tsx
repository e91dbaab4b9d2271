import { useState } from "react";
import { useT } from "../i18n";
import { LANGUAGES, language } from "../i18n/language";
import { useSetting } from "../i18n/setting";
import { Brand } from "./Brand";
import { useDoor } from "./door";
import style from "./SignIn.module.css";
import { ByPassword } from "./signin/ByPassword";
import { ByToken } from "./signin/ByToken";
import { Recovery } from "./signin/Recovery";
import { SetUp } from "./signin/SetUp";

/** The door: password, the company's sign-in, second factor, a token, the first administrator. */
export function SignIn() {
  const t = useT().app;
  const door = useDoor();
  const [byToken, setByToken] = useState(false);
  const first = door.setup !== null;
  return (
    <main className={style.door}>
      <div className={style.box}>
        <div className={style.head}>
          <Brand />
          <LanguageChoice />
        </div>
        <h1 className={style.title}>{first ? t.setupTitle : t.signInTitle}</h1>
        <p className={style.message} role="alert" hidden={door.message === ""}>
          {door.message}
        </p>
        {door.codes !== null ? (
          <Recovery door={door} codes={door.codes} />
        ) : door.setup !== null ? (
          <SetUp door={door} secret={door.setup} />
        ) : byToken ? (
          <ByToken door={door} />
        ) : (
          <ByPassword door={door} />
        )}
        {!first && door.codes === null && (
          <button
            type="button"
            className={style.link}
            onClick={() => {
              door.say("");
              setByToken(!byToken);
            }}
          >
            {byToken ? t.usePassword : t.useToken}
          </button>
        )}
      </div>
    </main>
  );
}

function LanguageChoice() {
  const t = useT().app;
  const chosen = useSetting(language);
  const names = { it: "Italiano", en: "English" };
  return (
    <fieldset className={style.choice}>
      <legend className="vh">{t.language}</legend>
      {LANGUAGES.map((one) => (
        <button
          key={one}
          type="button"
          lang={one}
          aria-pressed={chosen === one}
          onClick={() => language.set(one)}
        >
          {names[one]}
        </button>
      ))}
    </fieldset>
  );
}
