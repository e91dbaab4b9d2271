/** Whether this page is the embedded view: its own address, its own session. */
export function isEmbedded(): boolean {
  return location.pathname === "/embed";
}

let greeting: string | null = null;

/** The origin that greeted us before anybody had signed in; it is checked when somebody has. */
export function greetedBy(): string | null {
  return greeting;
}

if (isEmbedded()) {
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.source === window.parent) greeting = event.origin;
  });
}
