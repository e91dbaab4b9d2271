import type { ReactNode } from "react";
import { ApiProblem } from "../../api/problem";
import { useLostAt } from "../../api/wire";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import style from "./parts.module.css";

/** Nothing is here: what will be, and what to do, in one sentence. */
export function Empty({ children }: { children: ReactNode }) {
  return <div className={style.empty}>{children}</div>;
}

/** What a refusal says, or that nobody answered. */
export function useReason(): (error: Error) => string {
  const { dial } = useT().pages;
  return (error) => (error instanceof ApiProblem ? error.detail || error.title : dial.unreachable);
}

/** What was asked for could not be read: why, and once more. */
export function Failed({ error, retry }: { error: Error; retry: () => void }) {
  const { common } = useT().pages;
  const detail = error instanceof ApiProblem ? error.detail || error.title : null;
  return (
    <div className={style.failed}>
      <Icon name="risk" tone="risk" />
      <span>
        {common.loadFailed} {detail}
      </span>
      <Button small onClick={retry}>
        {common.retry}
      </Button>
    </div>
  );
}

/** The daemon refused what a button asked for; beside the button. */
export function Refusal({ children }: { children: ReactNode }) {
  return (
    <span className={style.refusal}>
      <Icon name="risk" tone="risk" />
      <span>{children}</span>
    </span>
  );
}

/** A list that may be old because nothing is heard: said with the time. */
export function Stale() {
  const { common } = useT().pages;
  const lostAt = useLostAt();
  if (lostAt === null) return null;
  return (
    <div className={style.failed}>
      <Icon name="off" tone="warn" />
      <span>{common.staleSince(clock(lostAt, true))}</span>
    </div>
  );
}
