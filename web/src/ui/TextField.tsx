import type { ComponentProps } from "react";

interface TextFieldProps extends Omit<ComponentProps<"input">, "onChange"> {
  label: string;
  /** What is given to the label's own element; `className` is the field's. */
  around?: string | undefined;
  write: (text: string) => void;
}

/** A line of text under its name; the name is the field's for screen readers and a place to click. */
export function TextField({ label, around, write, ...rest }: TextFieldProps) {
  return (
    <label className={around}>
      {label}
      <input {...rest} onChange={(event) => write(event.target.value)} />
    </label>
  );
}
