import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import { useT } from "../../i18n";
import { moment } from "../../i18n/format";
import { Button } from "../../ui/Button";
import { useNow } from "../../ui/Timer";
import { fieldTime } from "../format";
import parts from "../parts/parts.module.css";

interface ClosedThenProps {
  /** What the field of the time holds. */
  value: string;
  /** Whose task it is. */
  agent: string | null;
  onChange: (value: string) => void;
}

/** Says at once that nobody is there at the time chosen, and offers the next opening. */
export function ClosedThen({ value, agent, onChange }: ClosedThenProps) {
  const { promises } = useT().pages;
  const now = useNow();
  const chosen = new Date(value).getTime();
  const asked = Number.isNaN(chosen) ? null : new Date(chosen).toISOString();
  const found = useQuery({
    queryKey: ["hours", asked, agent],
    queryFn: ({ signal }) =>
      get("/api/v1/hours", {
        query: { at: asked ?? "", ...(agent === null ? {} : { agent }) },
        signal,
      }),
    enabled: asked !== null,
    retry: false,
  });
  const opens = found.data?.opens_at ?? null;
  return (
    <div role="status">
      {found.data && !found.data.open && opens !== null && (
        <div className={parts.form}>
          <span className="warn">{promises.closedThen(moment(opens, now), found.data.day)}</span>
          <div className={parts.row}>
            <Button small onClick={() => onChange(fieldTime(Date.parse(opens)))}>
              {promises.atOpening(moment(opens, now))}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
