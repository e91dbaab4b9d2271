import { useMutation } from "@tanstack/react-query";
import { post } from "../../api/client";
import type { Queue } from "../../api/shapes";
import { useDesk, useMe } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { Name } from "../../ui/Name";
import { Refusal, useReason } from "../parts/Notice";
import style from "./People.module.css";
import { freeIn, type Served, servedBy } from "./presence";

/** The queues of somebody with their figures: into them and out of them. */
export function Queues() {
  const { presence } = useT().pages;
  const me = useMe();
  const queues = useDesk((state) => state.queues);
  const links = useDesk((state) => state.links);
  const served = servedBy(
    queues.values(),
    me.extensions.map((one) => one.extension),
  );
  const down = links.size > 0 && [...links.values()].every((one) => one.phase !== "up");
  return (
    <section>
      <h2>{presence.queues}</h2>
      {served.length === 0 && (
        <p className="mid">{down ? presence.queuesUnknown : presence.noQueues}</p>
      )}
      <ul>
        {served.map((one) => (
          <QueueRow key={`${one.queue.pbx}/${one.queue.queue}`} served={one} />
        ))}
      </ul>
    </section>
  );
}

/** What a queue is at: who waits and who could answer; nothing while that is not known. */
export function figuresOf(
  queue: Queue,
  words: { waiting: (n: number) => string; members: (free: number, n: number) => string },
): string {
  return `${words.waiting(queue.waiting.length)}, ${words.members(freeIn(queue), queue.members.length)}`;
}

function QueueRow({ served: { queue, member } }: { served: Served }) {
  const { presence, common } = useT().pages;
  const lost = useLostAt() !== null;
  const reason = useReason();
  const name = queue.queue;
  const changed = useMutation({
    mutationFn: () =>
      post(
        member === null ? "/api/v1/queues/{id}/members/add" : "/api/v1/queues/{id}/members/remove",
        { path: { id: name }, body: { pbx: queue.pbx } },
      ),
    onSuccess: () => say(member === null ? presence.entered(name) : presence.left(name)),
  });
  const label = member === null ? presence.enter(name) : presence.leave(name);
  return (
    <li className={style.queue}>
      <div className={style.who}>
        <Name>{name}</Name>
        <span className={`num ${style.s}`}>
          {queue.stale ? common.unknown : figuresOf(queue, presence)}
        </span>
      </div>
      {member !== null && !member.dynamic ? (
        <span className="dim" title={presence.fixed}>
          {presence.in}
        </span>
      ) : (
        <Button
          small
          disabled={changed.isPending || lost}
          aria-label={label}
          onClick={() => changed.mutate()}
        >
          {member === null ? presence.goIn : presence.goOut}
        </Button>
      )}
      {changed.isError && <Refusal>{reason(changed.error)}</Refusal>}
    </li>
  );
}
