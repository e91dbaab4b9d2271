/** Whether this browser can tell of a call while another window is in front. */
export type Notices = "granted" | "default" | "denied" | "missing" | "insecure";

/** What the browser allows at this moment. */
export function noticesNow(): Notices {
  // without TLS browsers say "denied" and never ask
  if (!window.isSecureContext) return "insecure";
  if (!("Notification" in window)) return "missing";
  return Notification.permission;
}

/** Let the browser ask; only after a press, else it refuses for good. */
export async function askNotices(): Promise<Notices> {
  if (!("Notification" in window)) return noticesNow();
  await Notification.requestPermission();
  return noticesNow();
}

/** The address by which other programs call a number; it asks before it dials. */
export function callAddress(): string {
  return `${location.origin}/call?to=%s`;
}

/** Whether `tel:` links of other pages can be opened here. */
export function canTakeTel(): boolean {
  return "registerProtocolHandler" in navigator && window.isSecureContext;
}

/** Ask the browser to open `tel:` links here. */
export function takeTel(): void {
  navigator.registerProtocolHandler("tel", callAddress());
}
