import { useState } from "react";
import { post } from "../../api/client";
import { isEmbedded } from "../../embed/place";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import type { Door } from "../door";
import style from "../SignIn.module.css";

/** Trade a token for a session. */
export function ByToken({ door }: { door: Door }) {
  const t = useT().app;
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit() {
    setBusy(true);
    door.say("");
    try {
      door.entered(
        await post("/api/v1/session", { token: token.trim(), body: { embed: isEmbedded() } }),
      );
    } catch (error) {
      door.refused(error, t.wrongToken);
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
      <label>
        <span>{t.token}</span>
        <input
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <Button look="main" type="submit" disabled={busy}>
        {t.signIn}
      </Button>
    </form>
  );
}
