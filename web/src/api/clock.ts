let offset = 0;
let frozenAt: number | null = null;

/** Learn the server's clock from a frame's `at`: this computer's may be an hour off. */
export function learnClock(at: string): void {
  offset = Date.parse(at) - Date.now();
}

/** Stop the clock while nothing is heard of the server (what is shown is as old as that); null: go on. */
export function freezeClock(at: number | null): void {
  frozenAt = at;
}

/** This moment in milliseconds of the server's clock. */
export function serverNow(): number {
  return frozenAt ?? Date.now() + offset;
}
