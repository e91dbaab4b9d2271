import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { get, patch } from "../../api/client";
import { serverNow } from "../../api/clock";
import { KEYS } from "../../api/queries";
import type { Promised } from "../../api/shapes";
import { useDesk } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { moment, phone } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { useNow } from "../../ui/Timer";
import { age, fieldTime } from "../format";
import { useNames } from "../lists";
import { DialButton } from "../parts/Dial";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { DueField } from "./DueField";
import style from "./Promises.module.css";

interface PromiseRowsProps {
  items: readonly Promised[];
  /** On the customer's own page: whom it was promised to is known there. */
  brief?: boolean;
}

/** Promises with what can be done about them. */
export function PromiseRows({ items, brief = false }: PromiseRowsProps) {
  return (
    <ul className={style.rows}>
      {items.map((one) => (
        <PromiseRow key={one.id} promise={one} brief={brief} />
      ))}
    </ul>
  );
}

function PromiseRow({ promise, brief }: { promise: Promised; brief: boolean }) {
  const { promises } = useT().pages;
  const [moving, setMoving] = useState(false);
  const nameOf = useNames();
  const whose =
    promise.assignee === null ? promises.ofNobody : promises.of(nameOf(promise.assignee));
  return (
    <li className={style.row}>
      <Icon name="flag" tone={tone(promise)} />
      <div className={style.what}>
        {!brief && <Whom promise={promise} />}
        <span className={style.text} dir="auto">
          {promise.text}
        </span>
        <span className={style.s}>
          <When promise={promise} /> · {whose}
          {promise.made_by !== promise.assignee && `, ${promises.by(nameOf(promise.made_by))}`}
        </span>
        {moving ? (
          <Move promise={promise} done={() => setMoving(false)} />
        ) : (
          <Commands promise={promise} brief={brief} move={() => setMoving(true)} />
        )}
      </div>
    </li>
  );
}

function tone(promise: Promised) {
  if (promise.state === "broken") return promise.to_do ? "risk" : "dim";
  return promise.state === "kept" ? "ok" : undefined;
}

function Whom({ promise }: { promise: Promised }) {
  const { common } = useT().pages;
  const id = promise.contact_id;
  const found = useQuery({
    queryKey: [...KEYS.contacts, id],
    queryFn: ({ signal }) => get("/api/v1/contacts/{id}", { path: { id: id ?? "" }, signal }),
    enabled: id !== null,
  });
  const number = promise.number === null ? common.notListed : phone(promise.number);
  if (id === null) return <b className="num">{number}</b>;
  const name = found.data?.name ?? found.data?.company ?? number;
  return (
    <Link className={style.whom} href={`/contacts/${encodeURIComponent(id)}`}>
      <Name>{name}</Name>
    </Link>
  );
}

function When({ promise }: { promise: Promised }) {
  const { promises, entry } = useT().pages;
  const now = useNow();
  const due = Date.parse(promise.due_at);
  const at = moment(due, now);
  if (!promise.to_do) {
    if (promise.state === "withdrawn") return entry.promise.withdrawn;
    return promise.state === "kept" && promise.settled_at
      ? promises.keptBySpeaking(moment(promise.settled_at, now))
      : entry.promise.broken(at);
  }
  const late = due <= now;
  return (
    <span className={late ? "risk" : due - now < 1_800_000 ? "warn" : undefined}>
      {`${at}, ${late ? promises.late(age(now - due)) : promises.in(age(due - now))}`}
      {!late && promise.opens_at && ` · ${promises.outside(moment(promise.opens_at, now))}`}
    </span>
  );
}

type Change = { state: "kept" | "withdrawn" | "open" } | { due_at: string };

function useChange(id: string, done?: () => void) {
  const { promises } = useT().pages;
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => patch("/api/v1/promises/{id}", { path: { id }, body }),
    onSuccess: (_, body) => {
      const said = {
        kept: promises.settled,
        withdrawn: promises.withdrawn,
        open: promises.reopened,
      };
      say("state" in body ? said[body.state] : promises.moved);
      done?.();
    },
    onSettled: () => client.invalidateQueries({ queryKey: KEYS.promises }),
  });
}

interface CommandsProps {
  promise: Promised;
  brief: boolean;
  move: () => void;
}

function Commands({ promise, brief, move }: CommandsProps) {
  const { promises, customer } = useT().pages;
  const reason = useReason();
  const changed = useChange(promise.id);
  const may = useDesk((state) => state.me?.scopes.includes("calls:dial") ?? false);
  const lost = useLostAt() !== null;
  const off = changed.isPending || lost;
  return (
    <>
      <div className={style.acts}>
        {promise.to_do ? (
          <>
            {!brief && may && promise.number && (
              <DialButton number={promise.number} label={customer.call} whom={promise.text} small />
            )}
            <Button small disabled={off} onClick={() => changed.mutate({ state: "kept" })}>
              {promises.done}
            </Button>
            <Button small look="quiet" disabled={off} onClick={move}>
              {promises.move}
            </Button>
            <Button
              small
              look="quiet"
              disabled={off}
              onClick={() => changed.mutate({ state: "withdrawn" })}
            >
              {promises.withdraw}
            </Button>
          </>
        ) : (
          <Button
            small
            look="quiet"
            disabled={off}
            onClick={() => changed.mutate({ state: "open" })}
          >
            {promises.reopen}
          </Button>
        )}
      </div>
      {changed.isError && <Refusal>{reason(changed.error)}</Refusal>}
    </>
  );
}

function Move({ promise, done }: { promise: Promised; done: () => void }) {
  const { promises, common } = useT().pages;
  const [due, setDue] = useState(() =>
    fieldTime(Math.max(Date.parse(promise.due_at), serverNow())),
  );
  const [past, setPast] = useState(false);
  const reason = useReason();
  const changed = useChange(promise.id, done);
  return (
    <form
      className={parts.form}
      onSubmit={(event) => {
        event.preventDefault();
        const at = new Date(due);
        const late = !(at.getTime() > serverNow());
        setPast(late);
        if (!late) changed.mutate({ due_at: at.toISOString() });
      }}
    >
      <DueField value={due} onChange={setDue} agent={promise.assignee} />
      <div className={style.acts}>
        <Button small look="main" type="submit" disabled={changed.isPending}>
          {promises.move}
        </Button>
        <Button small look="quiet" onClick={done}>
          {common.cancel}
        </Button>
      </div>
      {past && <Refusal>{promises.past}</Refusal>}
      {changed.isError && <Refusal>{reason(changed.error)}</Refusal>}
    </form>
  );
}
