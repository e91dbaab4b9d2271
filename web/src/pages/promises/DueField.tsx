import { serverNow } from "../../api/clock";
import { useT } from "../../i18n";
import { Button } from "../../ui/Button";
import { fieldTime } from "../format";
import parts from "../parts/parts.module.css";
import { ClosedThen } from "./ClosedThen";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const EVENING = 17;
const MORNING = 9;

interface DueFieldProps {
  value: string;
  onChange: (value: string) => void;
  /** Whose task it is; null: nobody's. */
  agent: string | null;
}

/** By when: three usual moments with one press, or any other. */
export function DueField({ value, onChange, agent }: DueFieldProps) {
  const { promises } = useT().pages;
  const now = serverNow();
  const evening = at(now, EVENING);
  return (
    <div className={parts.form}>
      <label className={parts.field}>
        {promises.due}
        <input
          className={`num ${parts.input}`}
          type="datetime-local"
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      <div className={parts.row}>
        <Button small onClick={() => onChange(fieldTime(now + HOUR))}>
          {promises.inHour}
        </Button>
        {evening > now && (
          <Button small onClick={() => onChange(fieldTime(evening))}>
            {promises.atEnd}
          </Button>
        )}
        <Button small onClick={() => onChange(fieldTime(at(now + DAY, MORNING)))}>
          {promises.tomorrow}
        </Button>
      </div>
      <ClosedThen value={value} agent={agent} onChange={onChange} />
    </div>
  );
}

function at(day: number, hour: number): number {
  return new Date(day).setHours(hour, 0, 0, 0);
}
