import type { ComponentProps, ReactNode } from "react";
import style from "./Button.module.css";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

export type Look = "plain" | "main" | "quiet" | "hangup";

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look | undefined;
  icon?: IconName | undefined;
  /** The key that does the same, shown behind the words. */
  hint?: string | undefined;
  small?: boolean | undefined;
  full?: boolean | undefined;
  /** Chosen among several; says so to who listens. */
  pressed?: boolean | undefined;
  children: ReactNode;
}

/** The classes of a button, also for links that look like one. */
export function buttonClass(look: Look = "plain", small = false, full = false): string {
  return [style.button, style[look], small && style.small, full && style.full]
    .filter(Boolean)
    .join(" ");
}

/** A command. One `main` for each view; `hangup` is outlined red and never the default. */
export function Button(props: ButtonProps) {
  const { look, icon, hint, small, full, pressed, children, className, type, ...rest } = props;
  const classes = [buttonClass(look, small, full), pressed && style.on, className];
  return (
    <button
      {...rest}
      type={type ?? "button"}
      aria-pressed={pressed}
      className={classes.filter(Boolean).join(" ")}
    >
      {icon && <Icon name={icon} />}
      {children}
      {hint && <kbd aria-hidden="true">{hint}</kbd>}
    </button>
  );
}
