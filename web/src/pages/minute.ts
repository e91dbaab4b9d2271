import { useEffect, useState } from "react";
import { serverNow } from "../api/clock";

const MINUTE = 60_000;
const LOOK_MS = 5_000;
const whole = () => Math.floor(serverNow() / MINUTE) * MINUTE;

/** This minute of the server's clock, for long lists: they are not drawn again every second. */
export function useMinute(): number {
  const [minute, setMinute] = useState(whole);
  useEffect(() => {
    const timer = window.setInterval(() => setMinute(whole()), LOOK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return minute;
}
