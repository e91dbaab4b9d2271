import style from "./Icon.module.css";
import { ICONS, type IconName } from "./icons";

export type Tone = "ok" | "warn" | "risk" | "acc" | "dim" | "mid";

interface IconProps {
  name: IconName;
  /** Its colour; without one it takes that of the text. */
  tone?: Tone | undefined;
  large?: boolean | undefined;
}

/** A sign beside its word. It says nothing by itself to who listens, so a word must stand near. */
export function Icon({ name, tone, large = false }: IconProps) {
  const classes = [style.icon, large && style.large, tone].filter(Boolean).join(" ");
  return (
    <svg className={classes} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  );
}
