import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post, remove } from "../../api/client";
import { say } from "../../app/announcer";
import { signOut } from "../../app/session";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { Panel } from "../parts/Layout";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { SecondFactor } from "./SecondFactor";

/** Password, second factor, and the ways out. */
export function Security() {
  const { profile } = useT().pages;
  return (
    <>
      <Panel label={profile.password} title={profile.password}>
        <Password />
      </Panel>
      <Panel label={profile.totp} title={profile.totp}>
        <SecondFactor />
      </Panel>
      <Panel label={profile.security} title={profile.security}>
        <Leave />
      </Panel>
    </>
  );
}

function Password() {
  const { profile } = useT().pages;
  const [now, setNow] = useState("");
  const [next, setNext] = useState("");
  const reason = useReason();
  const changed = useMutation({
    mutationFn: () => post("/api/v1/me/password", { body: { password: now, new: next } }),
    onSuccess: () => {
      setNow("");
      setNext("");
      say(profile.passwordChanged);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    changed.mutate();
  };
  return (
    <form className={`${parts.form} ${parts.pad}`} onSubmit={submit}>
      <TextField
        label={profile.passwordNow}
        around={parts.field}
        className={parts.input}
        type="password"
        autoComplete="current-password"
        required
        value={now}
        write={setNow}
      />
      <TextField
        label={profile.passwordNew}
        around={parts.field}
        className={parts.input}
        type="password"
        autoComplete="new-password"
        required
        minLength={8}
        value={next}
        write={setNext}
      />
      <div className={parts.row}>
        <Button type="submit" disabled={changed.isPending}>
          {profile.password}
        </Button>
      </div>
      {changed.isSuccess && <p className="mid">{profile.passwordChanged}</p>}
      {changed.isError && <Refusal>{reason(changed.error)}</Refusal>}
    </form>
  );
}

function Leave() {
  const { profile } = useT().pages;
  const reason = useReason();
  const everywhere = useMutation({
    mutationFn: () => remove("/api/v1/me/sessions"),
    onSuccess: (answer) => say(profile.othersEnded(answer.ended)),
  });
  return (
    <div className={parts.pad}>
      <div className={parts.row}>
        <Button onClick={() => void signOut()}>{profile.signOut}</Button>
        <Button disabled={everywhere.isPending} onClick={() => everywhere.mutate()}>
          {profile.signOutOthers}
        </Button>
      </div>
      {everywhere.isSuccess && <p className="mid">{profile.othersEnded(everywhere.data.ended)}</p>}
      {everywhere.isError && <Refusal>{reason(everywhere.error)}</Refusal>}
    </div>
  );
}
