import type { ComponentProps } from "react";
import { useT } from "../../i18n";
import { TextField } from "../../ui/TextField";

/** The name that somebody signs in with. */
export function LoginField(props: Omit<ComponentProps<typeof TextField>, "label">) {
  return (
    <TextField
      {...props}
      label={useT().app.login}
      name="username"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
    />
  );
}
