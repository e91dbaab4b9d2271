import type { ReactNode } from "react";
import style from "./Badge.module.css";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

interface BadgeProps {
  tone?: "ok" | "warn" | "risk" | "acc" | undefined;
  icon?: IconName | undefined;
  children: ReactNode;
}

/** A short word in a frame; severity has its icon and its word besides the colour. */
export function Badge({ tone, icon, children }: BadgeProps) {
  return (
    <span className={[style.badge, tone && style[tone]].filter(Boolean).join(" ")}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
