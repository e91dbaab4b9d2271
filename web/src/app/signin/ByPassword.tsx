import { useRef, useState } from "react";
import { post } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { isEmbedded } from "../../embed/place";
import { useT } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import type { Door } from "../door";
import style from "../SignIn.module.css";

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
  const [busy, setBusy] = useState(false);
  const codeField = useRef<HTMLInputElement>(null);
  const credentials = { username: login.trim(), password };
  const embed = isEmbedded();

  async function submit() {
    setBusy(true);
    door.say("");
    try {
      const given = code?.trim() ? { code: code.trim() } : {};
      door.entered(await post("/api/v1/session", { body: { ...credentials, ...given, embed } }));
    } catch (error) {
      await second(error);
    }
    setBusy(false);
  }

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

  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label>
        <span>{t.login}</span>
        <input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </label>
      <label>
        <span>{t.password}</span>
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      {code !== null && (
        <label>
          <span>{t.code}</span>
          <input
            ref={codeField}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            spellCheck={false}
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </label>
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
      <Button look="main" type="submit" disabled={busy}>
        {t.signIn}
      </Button>
      {door.ways?.oidc && (
        <a className={buttonClass()} href="/api/v1/session/oidc">
          {t.oidcWith(door.ways.oidc)}
        </a>
      )}
    </form>
  );
}
