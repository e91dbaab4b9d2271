import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { post } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { useDesk, useMay, useMe } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { leavePhone, signOut, takePhone } from "../../app/session";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { useHouse } from "../house";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import style from "./People.module.css";
import { type Presence, presenceOf, servedBy, serving } from "./presence";
import { Queues } from "./Queues";

/** Whether one takes calls of queues at this moment. */
export function usePresence(): Presence {
  const me = useMe();
  const queues = useDesk((state) => state.queues);
  return presenceOf(
    servedBy(
      queues.values(),
      me.extensions.map((one) => one.extension),
    ),
  );
}

/** What the pill in the top bar opens: break, queues, phone, the other pages, the way out. */
export function PresenceMenu({ onClose }: { onClose: () => void }) {
  const words = useT().pages;
  const mayAct = useMay("calls:write");
  const mayPromises = useMay("contacts:read");
  const mayPeople = useMay("events:read");
  return (
    <div className={style.menu}>
      {mayAct && (
        <>
          <Break />
          <Queues />
          <Phone />
        </>
      )}
      <nav className={style.links} aria-label={words.presence.links}>
        {mayPromises && (
          <Link href="/promises" onClick={onClose}>
            {words.promises.title}
          </Link>
        )}
        {mayPeople && (
          <Link href="/colleagues" onClick={onClose}>
            {words.people.title}
          </Link>
        )}
        <Link href="/profile" onClick={onClose}>
          {words.profile.title}
        </Link>
        <Button small look="quiet" onClick={() => void signOut()}>
          {words.profile.signOut}
        </Button>
      </nav>
    </div>
  );
}

function Break() {
  const { presence } = useT().pages;
  const me = useMe();
  const now = usePresence();
  const lost = useLostAt() !== null;
  const reason = useReason();
  const house = useHouse();
  const queues = useDesk((state) => state.queues);
  const own = me.extensions.map((one) => one.extension);
  const phones = serving(queues.values(), own);
  const changed = useMutation({
    mutationFn: async (why: string | null) => {
      for (const id of phones)
        await (why === null
          ? post("/api/v1/agents/{id}/unpause", { path: { id }, body: {} })
          : post("/api/v1/agents/{id}/pause", { path: { id }, body: { reason: why } }));
    },
    onSuccess: (_, why) => say(why === null ? presence.resumed : presence.paused),
  });
  if (own.length === 0) return null;
  const off = changed.isPending || lost;
  const title =
    now.kind === "paused"
      ? now.since === null
        ? presence.pause
        : presence.pausedSince(clock(now.since))
      : presence.available;
  return (
    <section>
      <h2>
        {title}
        {now.kind === "paused" && now.reason && ` · ${now.reason}`}
      </h2>
      {now.kind === "paused" && (
        <Button full look="main" disabled={off} onClick={() => changed.mutate(null)}>
          {presence.resume}
        </Button>
      )}
      {now.kind === "available" && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and a legend
        <div className={style.reasons} role="group" aria-label={presence.reason}>
          {(house?.pause_reasons ?? []).map((why) => (
            <Button key={why} icon="pause" small disabled={off} onClick={() => changed.mutate(why)}>
              {why}
            </Button>
          ))}
        </div>
      )}
      {changed.isError && <Refusal>{reason(changed.error)}</Refusal>}
    </section>
  );
}

function Phone() {
  const { presence } = useT().pages;
  const me = useMe();
  const held = me.extensions.find((one) => one.held);
  const leave = useMutation({
    mutationFn: leavePhone,
  });
  const reason = useReason();
  if (held !== undefined) {
    return (
      <section>
        <Button small disabled={leave.isPending} onClick={() => leave.mutate()}>
          {presence.leaveDesk(held.extension)}
        </Button>
        {leave.isError && <Refusal>{reason(leave.error)}</Refusal>}
      </section>
    );
  }
  return me.extensions.length === 0 ? <TakePhone /> : null;
}

/** Sign in to a phone that is nobody's own, for today. */
export function TakePhone() {
  const { presence } = useT().pages;
  const may = useMay("calls:write");
  const [extension, setExtension] = useState("");
  const reason = useReason();
  const taken = useMutation({
    mutationFn: (over: boolean) => takePhone(extension.trim(), over),
  });
  const others = taken.error instanceof ApiProblem && taken.error.status === 409;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    taken.mutate(false);
  };
  if (!may) return null;
  return (
    <section>
      <p className="mid">{presence.noPhone}</p>
      <form className={parts.form} onSubmit={submit}>
        <label className={parts.field}>
          {presence.deskNumber}
          <input
            className={`num ${parts.input}`}
            inputMode="numeric"
            required
            maxLength={32}
            value={extension}
            onChange={(event) => setExtension(event.target.value)}
          />
        </label>
        <Button type="submit" disabled={taken.isPending}>
          {presence.takeDesk}
        </Button>
        {taken.isError && <Refusal>{reason(taken.error)}</Refusal>}
        {others && <Button onClick={() => taken.mutate(true)}>{presence.takeOver}</Button>}
      </form>
    </section>
  );
}
