/** The gallery's own page; it is built for tests and pictures only, never with the desk. */

import "@mantine/core/styles/global.css";
import "../../theme/tokens.css";
import "../../theme/base.css";
import { MantineProvider } from "@mantine/core";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { language } from "../../i18n/language";
import { mantineTokens, theme } from "../../theme/mantine";
import { Gallery } from "./Gallery";
import { STATES, WHOLE_STATES } from "./states";

const root = document.getElementById("root");
if (root === null) throw new Error("gallery.html has no element #root.");
root.dataset.states = JSON.stringify(Object.keys(STATES));
root.dataset.whole = JSON.stringify(WHOLE_STATES);
const page = createRoot(root);

/** Draw what the address asks for after its "#": state, lang and theme. */
function draw(): void {
  const asked = new URLSearchParams(location.hash.slice(1));
  const state = asked.get("state") ?? "ringing-at-risk";
  const lang = asked.get("lang") === "en" ? "en" : "it";
  const scheme = asked.get("theme") === "dark" ? "dark" : "light";
  language.set(lang);
  flushSync(() =>
    page.render(
      <MantineProvider theme={theme} cssVariablesResolver={mantineTokens} forceColorScheme={scheme}>
        <Gallery key={location.hash} state={state} lang={lang} />
      </MantineProvider>,
    ),
  );
  if (root !== null) root.dataset.shown = location.hash;
}

window.addEventListener("hashchange", draw);
draw();
