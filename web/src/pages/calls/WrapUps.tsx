import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { CallRecord } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { useNames } from "../lists";
import { Refusal, useReason } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { Section } from "./CallDetail";
import style from "./Calls.module.css";

/** What colleagues say the call was; whoever took part can say it now or change it. */
export function WrapUps({ call }: { call: CallRecord }) {
  const { call: words } = useT().pages;
  const nameOf = useNames();
  const [saying, setSaying] = useState(false);
  const me = useMe();
  const mine = call.wrap_ups.find((one) => one.agent === me.login);
  if (call.state === "live") return null;
  return (
    <Section title={words.wrapUps}>
      {call.wrap_ups.length === 0 && <p className="mid">{words.noWrapUp}</p>}
      <ul className={style.list}>
        {call.wrap_ups.map((one) => (
          <li key={one.agent}>
            {one.disposition && <Badge>{one.disposition}</Badge>}
            {one.note && (
              <span className={style.note} dir="auto">
                {one.note}
              </span>
            )}
            <span className={style.s}>
              {[nameOf(one.agent), one.at && clock(one.at)].filter(Boolean).join(" · ")}
            </span>
          </li>
        ))}
      </ul>
      {saying ? (
        <WrapUpForm call={call} mine={mine} done={() => setSaying(false)} />
      ) : (
        <Button small onClick={() => setSaying(true)}>
          {mine?.disposition ? words.changeOutcome : words.sayOutcome}
        </Button>
      )}
    </Section>
  );
}

interface WrapUpFormProps {
  call: CallRecord;
  mine: CallRecord["wrap_ups"][number] | undefined;
  done: () => void;
}

function WrapUpForm({ call, mine, done }: WrapUpFormProps) {
  const { call: words, common } = useT().pages;
  const [disposition, setDisposition] = useState(mine?.disposition ?? null);
  const [note, setNote] = useState(mine?.note ?? "");
  const lost = useLostAt() !== null;
  const client = useQueryClient();
  const reason = useReason();
  const known = useQuery({
    queryKey: KEYS.dispositions,
    queryFn: ({ signal }) => get("/api/v1/dispositions", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const saved = useMutation({
    mutationFn: () =>
      post("/api/v1/calls/{id}/wrap-up", {
        path: { id: call.id },
        body: {
          ...(disposition === null ? {} : { disposition }),
          ...(note.trim() === "" ? {} : { note }),
        },
      }),
    onSuccess: () => {
      say(words.outcomeSaved);
      void client.invalidateQueries({ queryKey: KEYS.calls });
      done();
    },
  });
  return (
    <form
      className={parts.form}
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <div className={style.picks}>
        {(known.data?.items ?? []).map((one) => (
          <Button key={one} pressed={one === disposition} onClick={() => setDisposition(one)}>
            {one}
          </Button>
        ))}
      </div>
      <label className={parts.field}>
        {words.note}
        <textarea
          className={parts.input}
          maxLength={4000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className={parts.row}>
        <Button
          type="submit"
          look="main"
          disabled={saved.isPending || lost || (disposition === null && note.trim() === "")}
        >
          {words.saveOutcome}
        </Button>
        <Button look="quiet" onClick={done}>
          {common.close}
        </Button>
      </div>
      {saved.isError && <Refusal>{reason(saved.error)}</Refusal>}
    </form>
  );
}
