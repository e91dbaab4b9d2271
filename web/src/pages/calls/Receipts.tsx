import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { CallRecord, Effect } from "../../api/shapes";
import { useDesk } from "../../api/store";
import { say } from "../../app/announcer";
import type { Words } from "../../i18n";
import { useT } from "../../i18n";
import { clock, moment } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { Icon, type Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { useNow } from "../../ui/Timer";
import { useCrmLabel } from "../house";
import { Refusal, useReason } from "../parts/Notice";
import { Section } from "./CallDetail";
import style from "./Calls.module.css";

const WAITING_MS = 5_000;
const SETTLED = new Set<Effect["state"]>(["delivered", "dead", "dropped"]);

/** What the CRMs got of a call: where it is, what waits, what needs a person. */
export function Receipts({ call }: { call: CallRecord }) {
  const { call: words } = useT().pages;
  const may = useDesk((state) => state.me?.scopes.includes("outbox:read") ?? false);
  const found = useQuery({
    queryKey: [...KEYS.outbox, call.id],
    queryFn: ({ signal }) => get("/api/v1/outbox", { query: { call: call.id, limit: 50 }, signal }),
    enabled: may && call.state === "ended",
    refetchInterval: (query) =>
      query.state.data?.items.some((one) => !SETTLED.has(one.state)) ? WAITING_MS : false,
  });
  if (!found.data) return null;
  return (
    <Section title={words.receipts}>
      {found.data.items.length === 0 && <p className="mid">{words.receiptsNone}</p>}
      <ul className={style.list}>
        {found.data.items.map((one) => (
          <ReceiptRow key={one.id} effect={one} />
        ))}
      </ul>
    </Section>
  );
}

/** How an effect stands, in words. */
export function receiptOf(
  effect: Effect,
  { call: { receipt } }: Words["pages"],
  now: number,
  crm: string,
): { icon: IconName; tone: Tone; text: string } {
  switch (effect.state) {
    case "delivered": {
      const at = effect.settled_at ?? effect.last_attempt_at ?? effect.occurred_at;
      return { icon: "ok", tone: "ok", text: receipt.done(crm, moment(at, now)) };
    }
    case "dead":
      return { icon: "risk", tone: "risk", text: receipt.dead(crm) };
    case "parked":
      return { icon: "risk", tone: "warn", text: receipt.parked(crm) };
    case "dropped":
      return { icon: "dash", tone: "dim", text: receipt.dropped(crm) };
    default:
      return effect.attempts > 0
        ? { icon: "wait", tone: "warn", text: receipt.trying(crm, effect.attempts + 1) }
        : { icon: "wait", tone: "mid", text: receipt.waiting(crm) };
  }
}

function ReceiptRow({ effect }: { effect: Effect }) {
  const words = useT().pages;
  const { receipt } = words.call;
  const now = useNow();
  const client = useQueryClient();
  const reason = useReason();
  const may = useDesk((state) => state.me?.scopes.includes("outbox:write") ?? false);
  const crm = useCrmLabel()(effect.connector);
  const said = receiptOf(effect, words, now, crm);
  const again = useMutation({
    mutationFn: () => post("/api/v1/outbox/{id}/retry", { path: { id: effect.id } }),
    onSuccess: () => say(receipt.retried),
    onSettled: () => client.invalidateQueries({ queryKey: KEYS.outbox }),
  });
  const stuck = effect.state === "dead" || effect.state === "parked";
  return (
    <li className={style.receipt}>
      <Icon name={said.icon} tone={said.tone} />
      <div>
        {said.text}
        {effect.due_at !== null && effect.attempts > 0 && (
          <span className={style.s}>{receipt.next(clock(effect.due_at, true))}</span>
        )}
        {effect.state !== "delivered" && effect.cause !== null && (
          <span className={style.note} dir="auto">
            {effect.cause}
          </span>
        )}
        {effect.receipt?.url && (
          <div>
            <a href={effect.receipt.url} target="_blank" rel="noopener noreferrer">
              {receipt.open(crm)}
            </a>
          </div>
        )}
        {stuck && may && (
          <Button small disabled={again.isPending} onClick={() => again.mutate()}>
            {receipt.retry}
          </Button>
        )}
        {again.isError && <Refusal>{reason(again.error)}</Refusal>}
      </div>
    </li>
  );
}
