import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { get, post, remove } from "../../api/client";
import { useMe } from "../../api/store";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { day } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { Panel } from "../parts/Layout";
import { Failed, Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import style from "./Profile.module.css";

const KEY = ["tokens"];

/** Keys with which programs sign in for one; a key's value is shown once. */
export function Tokens() {
  const { profile } = useT().pages;
  const me = useMe();
  const now = useNow();
  const client = useQueryClient();
  const reason = useReason();
  const found = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get("/api/v1/tokens", { signal }),
  });
  const revoked = useMutation({
    mutationFn: (id: string) => remove("/api/v1/tokens/{id}", { path: { id } }),
    onSuccess: () => say(profile.tokenRevoked),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const mine = (found.data?.items ?? []).filter(
    (one) => one.login === me.login && one.revoked_at === null,
  );
  return (
    <Panel label={profile.tokens} title={profile.tokens}>
      <div className={parts.pad}>
        <p className="mid">{profile.tokensLead}</p>
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && mine.length === 0 && <p className="mid">{profile.tokensNone}</p>}
        <ul>
          {mine.map((one) => (
            <li className={style.token} key={one.id}>
              <div>
                <Name>{one.label || one.id}</Name>
                <span className={style.s}>
                  {[
                    one.used_at === null
                      ? profile.tokenUnused
                      : profile.tokenUsed(day(one.used_at, now)),
                    one.expires_at && profile.tokenExpires(day(one.expires_at, now)),
                  ]
                    .filter(Boolean)
                    .join(", ")}
                </span>
              </div>
              <Button small disabled={revoked.isPending} onClick={() => revoked.mutate(one.id)}>
                {profile.tokenRevoke(one.label || one.id)}
              </Button>
            </li>
          ))}
        </ul>
        {revoked.isError && <Refusal>{reason(revoked.error)}</Refusal>}
        <NewToken />
      </div>
    </Panel>
  );
}

function NewToken() {
  const { profile } = useT().pages;
  const [label, setLabel] = useState("");
  const client = useQueryClient();
  const reason = useReason();
  const made = useMutation({
    mutationFn: () => post("/api/v1/tokens", { body: { label } }),
    onSuccess: () => setLabel(""),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    made.mutate();
  };
  return (
    <form className={parts.form} onSubmit={submit}>
      <label className={parts.field}>
        {profile.tokenLabel}
        <input
          className={parts.input}
          required
          maxLength={120}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
      </label>
      <div className={parts.row}>
        <Button type="submit" disabled={made.isPending}>
          {profile.tokenCreate}
        </Button>
      </div>
      {made.isSuccess && (
        <p>
          {profile.tokenValue} <code className={style.secret}>{made.data.value}</code>
        </p>
      )}
      {made.isError && <Refusal>{reason(made.error)}</Refusal>}
    </form>
  );
}
