const MARK = "filodiretto.renewed";
const PAUSE_MS = 60_000;

/**
 * Load the page anew when one of its parts is gone: after an upgrade of the daemon a tab that was
 * open for long asks for parts that no longer exist. What was typed is kept (drafts); a part that
 * is missing for another reason does not make it load again and again.
 */
export function renewWhenOutdated(now: () => number = Date.now, reload = () => location.reload()) {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(MARK) ?? 0);
    if (now() - last < PAUSE_MS) return;
    sessionStorage.setItem(MARK, String(now()));
    event.preventDefault();
    reload();
  });
}
