import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { queryClient } from "../api/queries";
import { useT } from "../i18n";
import { mantineTokens, theme } from "../theme/mantine";
import { usePreference } from "./preferences";

const nonce = () =>
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/** The whole page. */
export function App() {
  const choice = usePreference("theme");
  const t = useT();
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={mantineTokens}
      getStyleNonce={nonce}
      defaultColorScheme="auto"
      {...(choice === "auto" ? {} : { forceColorScheme: choice })}
    >
      <QueryClientProvider client={queryClient}>
        <p>{t.app.brand}</p>
      </QueryClientProvider>
    </MantineProvider>
  );
}
