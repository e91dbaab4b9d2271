import { useEffect, useMemo, useState } from "react";
import { get } from "../api/client";
import { ApiProblem } from "../api/problem";
import type { Me, SignedIn, Ways } from "../api/shapes";
import { t, useT } from "../i18n";
import { enter, useSession } from "./session";

/** What the forms of the door share. */
export interface Door {
  ways: Ways | null;
  /** The secret of a set-up link, null without one. */
  setup: string | null;
  /** Recovery codes that are shown once. */
  codes: string[] | null;
  message: string;
  say(text: string): void;
  /** Go in; first show recovery codes if there are any. */
  entered(who: Me & { recovery_codes?: string[] | null }): void;
  /** Put into words why not. */
  refused(error: unknown, wrong: string): void;
  /** The recovery codes are kept: go in. */
  kept(): void;
}

/** What the address brought: a set-up link's secret, or what became of the company's sign-in. */
function brought(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** The state of the door. */
export function useDoor(): Door {
  const words = useT().app;
  const { over } = useSession();
  const [said] = useState(brought);
  const [ways, setWays] = useState<Ways | null>(null);
  const [signedIn, setSignedIn] = useState<SignedIn | null>(null);
  const [setup, setSetup] = useState(said.get("setup"));
  const oidc = said.get("oidc");
  const reason = oidc ? (words.oidcErrors[oidc] ?? words.oidcErrors.refused ?? "") : "";
  const [message, setMessage] = useState(over === "expired" ? words.sessionOver : reason);

  useEffect(() => {
    // the secret works once and is nobody's business: not in the history, not over a shoulder
    if (said.size > 0) history.replaceState(null, "", location.pathname);
    get("/api/v1/session").then(setWays, () => setWays(null));
  }, [said]);

  return useMemo(
    () => ({
      ways,
      setup,
      codes: signedIn?.recovery_codes ?? null,
      message,
      say: setMessage,
      entered: (who) => {
        setMessage("");
        setSetup(null);
        if (who.recovery_codes) setSignedIn({ ...who, recovery_codes: who.recovery_codes });
        else enter(who);
      },
      refused: (error, wrong) => setMessage(reasonOf(error, wrong)),
      kept: () => signedIn && enter(signedIn),
    }),
    [ways, setup, signedIn, message],
  );
}

function reasonOf(error: unknown, wrong: string): string {
  const words = t().app;
  if (!(error instanceof ApiProblem)) return words.unreachable;
  if (error.status === 401) return wrong;
  if (error.status === 410) return words.setupOver;
  if (error.status === 429) return words.tooMany(error.retryAfter ?? 30);
  return `${words.refused} ${error.detail}`.trim();
}
