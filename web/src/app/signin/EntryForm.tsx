import { type ReactNode, useState } from "react";
import { Button } from "../../ui/Button";
import type { Door } from "../door";
import style from "../SignIn.module.css";

interface EntryFormProps {
  door: Door;
  /** What the button that sends it says. */
  action: string;
  /** Ask to be let in; who it answers with goes in. */
  ask: () => Promise<Parameters<Door["entered"]>[0]>;
  /** What to do about a refusal. */
  refused: (error: unknown) => void | Promise<void>;
  children: ReactNode;
  /** Another way in, below the button. */
  beside?: ReactNode;
}

/** A form of the door: sent once at a time, what was said before is gone when it is sent again. */
export function EntryForm({ door, action, ask, refused, children, beside }: EntryFormProps) {
  const [busy, setBusy] = useState(false);
  async function submit() {
    setBusy(true);
    door.say("");
    try {
      door.entered(await ask());
    } catch (error) {
      await refused(error);
    }
    setBusy(false);
  }
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {children}
      <Button look="main" type="submit" disabled={busy}>
        {action}
      </Button>
      {beside}
    </form>
  );
}
