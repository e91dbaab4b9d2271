import { useId, useState } from "react";
import { useT } from "../i18n";
import { Panel } from "../ui/Panel";
import { type Command, useCommands } from "./commands";
import style from "./Palette.module.css";

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The commands in which every word that was typed begins a word. */
function matching(commands: readonly Command[], text: string): Command[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return commands.filter((command) => {
    const name = ` ${plain(command.name)}`;
    return words.every((word) => name.includes(` ${word}`) || name.includes(`:${word}`));
  });
}

/** Every command by name. Esc closes it; nothing is done by closing. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useT().app;
  const commands = useCommands();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const ordered = [...commands].sort((a, b) => Number(a.general) - Number(b.general));
  const found = matching(ordered, text);
  const current = Math.min(at, found.length - 1);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    // the panel gives the focus back first; the command may take it further
    window.setTimeout(command.run, 0);
  };

  return (
    <Panel title={t.palette} plain onClose={onClose}>
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault();
          run(found[current]);
        }}
      >
        <input
          // biome-ignore lint/a11y/noAutofocus: somebody asked for this field by its key
          autoFocus
          role="combobox"
          aria-label={t.paletteHint}
          aria-expanded
          aria-controls={list}
          aria-activedescendant={found.length > 0 ? `${list}-${current}` : undefined}
          placeholder={t.paletteHint}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
            event.preventDefault();
            const step = event.key === "ArrowDown" ? 1 : -1;
            setAt((current + step + found.length) % Math.max(1, found.length));
          }}
        />
      </form>
      <div id={list} role="listbox" aria-label={t.palette} className={style.list}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            key={command.name}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            className={style.option}
            onClick={() => run(command)}
          >
            {command.name}
            {command.hint && <kbd aria-hidden="true">{command.hint}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={style.none}>{t.paletteNone}</p>}
    </Panel>
  );
}
