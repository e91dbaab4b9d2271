import { useRef, useState } from "react";
import { post } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { isEmbedded } from "../../embed/place";
import { useT } from "../../i18n";
import { buttonClass } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import type { Door } from "../door";
import style from "../SignIn.module.css";
import { EntryForm } from "./EntryForm";
import { LoginField } from "./LoginField";

interface Enrolment {
  qr: string;
  secret: string;
}

/** Name and password; then the second factor where one is asked for, or is still to be made. */
export function ByPassword({ door }: { door: Door }) {
  const t = useT().app;
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const codeField = useRef<HTMLInputElement>(null);
  const credentials = { username: login.trim(), password };
  const embed = isEmbedded();

  const ask = () => {
    const given = code?.trim() ? { code: code.trim() } : {};
    return post("/api/v1/session", { body: { ...credentials, ...given, embed } });
  };

  async function second(error: unknown) {
    const slug = error instanceof ApiProblem ? error.slug : "";
    if (slug === "totp-required") {
      setCode("");
      door.say(t.codeWanted);
    } else if (slug === "totp-wrong" || slug === "totp-not-begun") {
      setCode("");
      door.say(t.wrongCode);
    } else if (slug === "totp-enrolment-required") {
      try {
        setEnrolment(await post("/api/v1/session/totp", { body: credentials }));
        setCode("");
      } catch (failed) {
        door.refused(failed, t.wrong);
      }
    } else door.refused(error, t.wrong);
    codeField.current?.focus();
  }

  const company = door.ways?.oidc && (
    <a className={buttonClass()} href="/api/v1/session/oidc">
      {t.oidcWith(door.ways.oidc)}
    </a>
  );
  return (
    <EntryForm door={door} action={t.signIn} ask={ask} refused={second} beside={company}>
      <LoginField value={login} write={setLogin} />
      <TextField
        label={t.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        write={setPassword}
      />
      {code !== null && (
        <TextField
          ref={codeField}
          label={t.code}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          spellCheck={false}
          required
          value={code}
          write={setCode}
        />
      )}
      {enrolment && (
        <div className={style.enrol}>
          <p>{t.enrolText}</p>
          <img src={enrolment.qr} alt="" />
          <p className="dim">
            {t.enrolSecret} <b className="num">{enrolment.secret.replace(/(.{4})(?=.)/g, "$1 ")}</b>
          </p>
        </div>
      )}
    </EntryForm>
  );
}
