/** Whether this page is the embedded view: its own address, its own session. */
export function isEmbedded(): boolean {
  return location.pathname === "/embed";
}
