import { useState } from "react";
import { post } from "../../api/client";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import type { Door } from "../door";
import style from "../SignIn.module.css";

/** The first administrator, made by who holds the set-up link. */
export function SetUp({ door, secret }: { door: Door; secret: string }) {
  const t = useT().app;
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit() {
    setBusy(true);
    door.say("");
    try {
      const body = { secret, login: login.trim(), name: name.trim(), password };
      door.entered(await post("/api/v1/setup", { body }));
    } catch (error) {
      door.refused(error, t.setupOver);
    }
    setBusy(false);
  }

  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p className="mid">{t.setupText}</p>
      <label>
        <span>{t.login}</span>
        <input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          pattern="\S+"
          required
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </label>
      <label>
        <span>{t.fullName}</span>
        <input
          name="name"
          autoComplete="name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label>
        <span>{t.newPassword}</span>
        <input
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={8}
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <Button look="main" type="submit" disabled={busy}>
        {t.setupDo}
      </Button>
    </form>
  );
}
