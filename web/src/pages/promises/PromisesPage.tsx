import { useState } from "react";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { Promised } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useKey } from "../../app/keys";
import { useT } from "../../i18n";
import { day } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { useNow } from "../../ui/Timer";
import { dayKey } from "../format";
import { usePages } from "../lists";
import { PageHead, Panel, Segments, Split } from "../parts/Layout";
import { Empty, Failed, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import { PromiseForm } from "./PromiseForm";
import { PromiseRows } from "./PromiseRows";
import style from "./Promises.module.css";

const AT_ONCE = 100;

type View = "todo" | "kept" | "all";

/** Call-backs that were promised: late, today, later; and those that were kept. */
export default function PromisesPage() {
  const { promises } = useT().pages;
  const [view, setView] = useState<View>("todo");
  const [mine, setMine] = useState(false);
  const [making, setMaking] = useState(false);
  useKey("P", () => setMaking(true));
  useKey("Escape", () => setMaking(false), { off: !making });
  return (
    <>
      <PageHead title={promises.title} lead={promises.lead}>
        <Button icon="add" look="main" aria-expanded={making} onClick={() => setMaking(!making)}>
          {promises.new}
        </Button>
      </PageHead>
      <Split
        chosen={false}
        stack="before"
        home="/promises"
        list={
          <Panel label={promises.title}>
            <div className={parts.tools}>
              <Segments
                label={promises.which}
                value={view}
                onChange={setView}
                options={[
                  { value: "todo", label: promises.todo },
                  { value: "kept", label: promises.kept },
                  { value: "all", label: promises.all },
                ]}
              />
              <label className={parts.check}>
                <input
                  type="checkbox"
                  checked={mine}
                  onChange={(event) => setMine(event.target.checked)}
                />
                {promises.mine}
              </label>
            </div>
            <Stale />
            <List key={`${view}${mine}`} view={view} mine={mine} />
          </Panel>
        }
        detail={
          making && (
            <Panel label={promises.new} title={promises.new}>
              <PromiseForm done={() => setMaking(false)} />
            </Panel>
          )
        }
      />
    </>
  );
}

function useList(view: View, mine: boolean) {
  const me = useMe();
  const filter = {
    ...(view === "todo" ? { to_do: true } : {}),
    ...(view === "kept" ? { state: "kept" as const } : {}),
    ...(mine ? { assignee: me.login } : {}),
  };
  return usePages([...KEYS.promises, "list", filter], (at, signal) =>
    get("/api/v1/promises", { query: { ...filter, limit: AT_ONCE, ...at }, signal }),
  );
}

function List({ view, mine }: { view: View; mine: boolean }) {
  const { promises, common } = useT().pages;
  const found = useList(view, mine);
  const now = useNow();
  if (found.error) return <Failed error={found.error} retry={found.retry} />;
  if (found.pending) return null;
  if (found.items.length === 0) return <None view={view} mine={mine} />;
  const groups =
    view === "todo"
      ? grouped(found.items, now, promises)
      : [{ title: null, items: [...found.items].reverse() }];
  return (
    <>
      {groups.map((group) => (
        <section className={style.group} key={group.title ?? view}>
          {group.title && (
            <h2>
              {group.title} <span className="num dim">{group.items.length}</span>
            </h2>
          )}
          <PromiseRows items={group.items} />
        </section>
      ))}
      {found.hasMore && (
        <div className={parts.pad}>
          <Button onClick={found.more} disabled={found.fetching}>
            {common.more}
          </Button>
        </div>
      )}
    </>
  );
}

/** Put promises under late, today and later; groups without any are left out. */
export function grouped(
  items: readonly Promised[],
  now: number,
  words: { overdue: string; today: string; later: string },
) {
  const today = dayKey(now);
  const late = (one: Promised) => Date.parse(one.due_at) <= now;
  const soon = (one: Promised) => !late(one) && dayKey(one.due_at) === today;
  return [
    { title: words.overdue, items: items.filter(late) },
    { title: words.today, items: items.filter(soon) },
    { title: words.later, items: items.filter((one) => !late(one) && !soon(one)) },
  ].filter((group) => group.items.length > 0);
}

function None({ view, mine }: { view: View; mine: boolean }) {
  const { promises } = useT().pages;
  const kept = useList("kept", mine);
  const now = useNow();
  if (view === "kept") return <Empty>{promises.noneKept}</Empty>;
  const last = kept.items
    .map((one) => one.settled_at)
    .filter((at) => at !== null)
    .sort()
    .at(-1);
  return <Empty>{last ? promises.noneLast(day(last, now)) : promises.none}</Empty>;
}
