import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { queryClient } from "../api/queries";
import { isEmbedded } from "../embed/place";
import { mantineTokens, theme } from "../theme/mantine";
import { Away } from "./Away";
import { usePreference } from "./preferences";
import { Routes } from "./routes";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { begin, useSession } from "./session";

const Embed = lazy(() => import("../embed/Embed"));

const nonce = () =>
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/** The whole page. */
export function App() {
  const choice = usePreference("theme");
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={mantineTokens}
      getStyleNonce={nonce}
      defaultColorScheme="auto"
      {...(choice === "auto" ? {} : { forceColorScheme: choice })}
    >
      <QueryClientProvider client={queryClient}>
        <Page />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Page() {
  const { phase } = useSession();
  useEffect(() => {
    void begin();
  }, []);
  if (phase === "asking") return null;
  if (phase === "away") return <Away />;
  if (phase === "out") return <SignIn />;
  if (isEmbedded()) {
    return (
      <Suspense fallback={null}>
        <Embed />
      </Suspense>
    );
  }
  return (
    <Shell>
      <Suspense fallback={null}>
        <Routes />
      </Suspense>
    </Shell>
  );
}
