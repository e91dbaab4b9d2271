import { useLocation } from "wouter";
import { board } from "../card/boardStore";
import { t, useT } from "../i18n";
import { language } from "../i18n/language";
import { useCommand } from "./commands";
import { useKey } from "./keys";
import { prefer, usePreference } from "./preferences";
import { signOut } from "./session";

/** Go to the card that is open: its own heading takes the focus, because somebody asked for it. */
function goToCard(): void {
  const open = board.get().open;
  const place = open === null ? null : document.querySelector(`[data-call="${CSS.escape(open)}"]`);
  const target = place ?? document.getElementById("main");
  if (target instanceof HTMLElement) {
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus();
  }
}

/** What can be done from everywhere, by key and by name. */
export function useShellCommands(showKeys: () => void): void {
  const words = useT().app;
  const [, go] = useLocation();
  const theme = usePreference("theme");
  const toCard = () => {
    go("/");
    // the desk is drawn first
    window.setTimeout(goToCard, 0);
  };
  useKey("C", toCard);
  useCommand(words.goCard, toCard, "C");
  useCommand(words.goTo(words.desk), () => go("/"));
  useCommand(words.goTo(words.missed), () => go("/missed"));
  useCommand(words.goTo(words.contacts), () => go("/contacts"));
  useCommand(words.goTo(words.calls), () => go("/calls"));
  useCommand(words.goTo(words.promises), () => go("/promises"));
  useCommand(words.goTo(words.colleagues), () => go("/colleagues"));
  useCommand(words.goTo(words.profile), () => go("/profile"));
  useCommand(words.keys, showKeys, "?");
  useCommand(words.themeLight, () => prefer({ theme: "light" }), undefined, theme === "light");
  useCommand(words.themeDark, () => prefer({ theme: "dark" }), undefined, theme === "dark");
  useCommand(words.themeAuto, () => prefer({ theme: "auto" }), undefined, theme === "auto");
  const other = language.get() === "it" ? "en" : "it";
  useCommand(t().app.chooseLanguage(other === "it" ? "Italiano" : "English"), () =>
    language.set(other),
  );
  useCommand(words.signOut, () => void signOut());
}
