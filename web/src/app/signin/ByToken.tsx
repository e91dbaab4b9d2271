import { useState } from "react";
import { post } from "../../api/client";
import { isEmbedded } from "../../embed/place";
import { useT } from "../../i18n";
import { TextField } from "../../ui/TextField";
import type { Door } from "../door";
import { EntryForm } from "./EntryForm";

/** Trade a token for a session. */
export function ByToken({ door }: { door: Door }) {
  const t = useT().app;
  const [token, setToken] = useState("");
  return (
    <EntryForm
      door={door}
      action={t.signIn}
      ask={() => post("/api/v1/session", { token: token.trim(), body: { embed: isEmbedded() } })}
      refused={(error) => door.refused(error, t.wrongToken)}
    >
      <TextField
        label={t.token}
        name="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        value={token}
        write={setToken}
      />
    </EntryForm>
  );
}
