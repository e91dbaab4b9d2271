import { useLocation } from "wouter";
import { useDesk, useMay } from "../api/store";
import { board } from "../card/boardStore";
import { t, useT } from "../i18n";
import { language } from "../i18n/language";
import { useGeneralCommand } from "./commands";
import { useKey } from "./keys";
import { type PlaceName, placesOf } from "./places";
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
  const places = placesOf(useDesk((state) => state.me));
  const no = (name: PlaceName) => !places.some((one) => one.name === name);
  const noPromises = !useMay("contacts:read");
  const noColleagues = !useMay("events:read");
  const toCard = () => {
    go("/");
    // the desk is drawn first
    window.setTimeout(goToCard, 0);
  };
  useKey("C", toCard, { off: no("desk") });
  useGeneralCommand(words.goCard, toCard, "C", no("desk"));
  useGeneralCommand(words.goTo(words.desk), () => go("/"), undefined, no("desk"));
  useGeneralCommand(words.goTo(words.missed), () => go("/missed"), undefined, no("missed"));
  useGeneralCommand(words.goTo(words.contacts), () => go("/contacts"), undefined, no("contacts"));
  useGeneralCommand(words.goTo(words.calls), () => go("/calls"), undefined, no("calls"));
  useGeneralCommand(words.goTo(words.trunks), () => go("/trunks"), undefined, no("trunks"));
  useGeneralCommand(words.goTo(words.promises), () => go("/promises"), undefined, noPromises);
  useGeneralCommand(words.goTo(words.colleagues), () => go("/colleagues"), undefined, noColleagues);
  useGeneralCommand(words.goTo(words.profile), () => go("/profile"));
  useGeneralCommand(words.keys, showKeys, "?");
  useGeneralCommand(
    words.themeLight,
    () => prefer({ theme: "light" }),
    undefined,
    theme === "light",
  );
  useGeneralCommand(words.themeDark, () => prefer({ theme: "dark" }), undefined, theme === "dark");
  useGeneralCommand(words.themeAuto, () => prefer({ theme: "auto" }), undefined, theme === "auto");
  const other = language.get() === "it" ? "en" : "it";
  useGeneralCommand(t().app.chooseLanguage(other === "it" ? "Italiano" : "English"), () =>
    prefer({ language: other }),
  );
  useGeneralCommand(words.signOut, () => void signOut());
}
