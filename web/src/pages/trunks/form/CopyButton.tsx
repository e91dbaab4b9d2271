import { useState } from "react";
import { say } from "../../../app/announcer";
import { useTrunkWords } from "../../../i18n/trunks";
import { Button } from "../../../ui/Button";

/** Copy a text; says so, or that it must be copied by hand. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { form } = useTrunkWords();
  const [said, setSaid] = useState<string | null>(null);
  const tell = (words: string) => {
    setSaid(words);
    say(words);
  };
  const copy = () =>
    write(text).then(
      () => tell(form.copied),
      () => tell(form.copyByHand),
    );
  return (
    <span>
      <Button
        small
        icon={said === form.copied ? "tick" : "copy"}
        aria-label={form.copyWhat(what)}
        onClick={copy}
      >
        {said ?? form.copy}
      </Button>
    </span>
  );
}

async function write(text: string): Promise<void> {
  // without TLS browsers offer no clipboard
  if (!navigator.clipboard) throw new Error("This browser offers no clipboard here.");
  await navigator.clipboard.writeText(text);
}
