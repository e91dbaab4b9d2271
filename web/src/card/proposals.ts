/** Times that a call-back is promised for in one click: within working hours, never in the past. */

const HOUR = 3_600_000;
const FIRST_HOUR = 9;
const LAST_HOUR = 18;

export interface Proposal {
  readonly kind: "hour" | "today" | "tomorrow" | "day";
  readonly at: Date;
}

/** Up to three times, the nearest first: within an hour, later today, the next working day. */
export function proposals(now: number): Proposal[] {
  const found: Proposal[] = [
    { kind: "hour", at: new Date(Math.ceil((now + HOUR) / 300_000) * 300_000) },
  ];
  const today = new Date(now);
  const afternoon = at(today, today.getHours() < 14 ? 16 : 17, today.getHours() < 14 ? 0 : 30);
  if (afternoon.getTime() - now > 1.25 * HOUR) found.push({ kind: "today", at: afternoon });
  const next = nextWorkingDay(today);
  const tomorrow = next.getTime() - at(today, 0, 0).getTime() < 36 * HOUR;
  found.push({ kind: tomorrow ? "tomorrow" : "day", at: at(next, 10, 0) });
  if (found.length < 3) found.push({ kind: tomorrow ? "tomorrow" : "day", at: at(next, 15, 0) });
  return found;
}

/** A reasonable time to begin with where somebody writes another: the next full hour at work. */
export function firstOther(now: number): Date {
  const soon = new Date(now + HOUR);
  if (soon.getHours() >= FIRST_HOUR && soon.getHours() < LAST_HOUR)
    return at(soon, soon.getHours() + 1, 0);
  return at(nextWorkingDay(new Date(now)), FIRST_HOUR, 0);
}

/** What `<input type="datetime-local">` writes and reads: local time without a zone. */
export function localText(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function at(day: Date, hours: number, minutes: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes);
}

function nextWorkingDay(from: Date): Date {
  const day = at(from, 0, 0);
  do day.setDate(day.getDate() + 1);
  while (day.getDay() === 0 || day.getDay() === 6);
  return day;
}
