/** Say at once, over what is being read: a call rings. One sentence; nothing that is seen moves. */
export function announce(text: string): void {
  write("alert", text);
}

/** Say when there is a pause: late facts, saved, connection. */
export function say(text: string): void {
  write("status", text);
}

/** Take back what was said: nobody's name stays in the page of who signed out. */
export function hush(): void {
  write("alert", "");
  write("status", "");
}

// The two elements are in index.html since load: what is added later is not read everywhere.
function write(id: "alert" | "status", text: string): void {
  const node = document.getElementById(id);
  if (node === null) return;
  // the same sentence again is a change only if it was gone
  if (node.textContent === text) node.textContent = "";
  node.textContent = text;
}
