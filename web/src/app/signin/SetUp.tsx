import { useState } from "react";
import { post } from "../../api/client";
import { useT } from "../../i18n";
import { TextField } from "../../ui/TextField";
import type { Door } from "../door";
import { EntryForm } from "./EntryForm";
import { LoginField } from "./LoginField";

/** The first administrator, made by who holds the set-up link. */
export function SetUp({ door, secret }: { door: Door; secret: string }) {
  const t = useT().app;
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const body = { secret, login: login.trim(), name: name.trim(), password };
  return (
    <EntryForm
      door={door}
      action={t.setupDo}
      ask={() => post("/api/v1/setup", { body })}
      refused={(error) => door.refused(error, t.setupOver)}
    >
      <p className="mid">{t.setupText}</p>
      <LoginField maxLength={64} pattern="\S+" value={login} write={setLogin} />
      <TextField
        label={t.fullName}
        name="name"
        autoComplete="name"
        maxLength={120}
        value={name}
        write={setName}
      />
      <TextField
        label={t.newPassword}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        required
        value={password}
        write={setPassword}
      />
    </EntryForm>
  );
}
