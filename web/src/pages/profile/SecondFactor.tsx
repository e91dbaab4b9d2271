import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post } from "../../api/client";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import style from "./Profile.module.css";

type Step = "rest" | "enrol" | "remove";

/** Six digits beside the password: set up, or taken away with a last code. */
export function SecondFactor() {
  const { profile } = useT().pages;
  const [step, setStep] = useState<Step>("rest");
  const rest = () => setStep("rest");
  return (
    <div className={parts.pad}>
      <p className="mid">{profile.totpLead}</p>
      {step === "rest" && (
        <div className={parts.row}>
          <Button onClick={() => setStep("enrol")}>{profile.totpBegin}</Button>
          <Button look="quiet" onClick={() => setStep("remove")}>
            {profile.totpRemove}
          </Button>
        </div>
      )}
      {step === "enrol" && <Enrol done={rest} />}
      {step === "remove" && <Remove done={rest} />}
    </div>
  );
}

interface CodeFormProps {
  label: string;
  pending: boolean;
  error: Error | null;
  send: (code: string) => void;
  leave: () => void;
}

function CodeForm({ label, pending, error, send, leave }: CodeFormProps) {
  const { profile, common } = useT().pages;
  const [code, setCode] = useState("");
  const reason = useReason();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(code.trim());
  };
  return (
    <form className={parts.form} onSubmit={submit}>
      <label className={parts.field}>
        {profile.totpCode}
        <input
          className={`num ${parts.input}`}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          maxLength={40}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      <div className={parts.row}>
        <Button type="submit" disabled={pending}>
          {label}
        </Button>
        <Button look="quiet" onClick={leave}>
          {common.close}
        </Button>
      </div>
      {error && <Refusal>{reason(error)}</Refusal>}
    </form>
  );
}

function Enrol({ done }: { done: () => void }) {
  const { profile } = useT().pages;
  const reason = useReason();
  const begun = useMutation({ mutationFn: () => post("/api/v1/me/totp") });
  const confirmed = useMutation({
    mutationFn: (code: string) => post("/api/v1/me/totp/confirm", { body: { code } }),
  });
  if (confirmed.isSuccess) {
    return (
      <>
        <p>{profile.totpCodes}</p>
        <ul className={style.codes}>
          {confirmed.data.recovery_codes.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        <div className={parts.row}>
          <Button onClick={done}>{profile.totpKept}</Button>
        </div>
      </>
    );
  }
  if (begun.data === undefined) {
    return (
      <div className={parts.row}>
        <Button look="main" disabled={begun.isPending} onClick={() => begun.mutate()}>
          {profile.totpBegin}
        </Button>
        {begun.isError && <Refusal>{reason(begun.error)}</Refusal>}
      </div>
    );
  }
  return (
    <>
      <p>
        {profile.totpScan} <span className={style.secret}>{begun.data.secret}</span>
      </p>
      <img className={style.qr} src={begun.data.qr} alt={profile.totpQr} />
      <CodeForm
        label={profile.totpConfirm}
        pending={confirmed.isPending}
        error={confirmed.error}
        send={confirmed.mutate}
        leave={done}
      />
    </>
  );
}

function Remove({ done }: { done: () => void }) {
  const { profile } = useT().pages;
  const removed = useMutation({
    mutationFn: (code: string) => post("/api/v1/me/totp/remove", { body: { code } }),
    onSuccess: () => {
      say(profile.totpRemoved);
      done();
    },
  });
  return (
    <CodeForm
      label={profile.totpRemove}
      pending={removed.isPending}
      error={removed.error}
      send={removed.mutate}
      leave={done}
    />
  );
}
