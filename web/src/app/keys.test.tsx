import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useKey } from "./keys";
import { prefer } from "./preferences";

function Page({ act, save }: { act: () => void; save: () => void }) {
  useKey("N", act);
  useKey("Ctrl+Enter", save);
  return <textarea aria-label="Note" />;
}

function press(target: Element, key: string, more: KeyboardEventInit = {}) {
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );
}

afterEach(() => {
  cleanup();
  prefer({ singleKeys: true });
});

test("a single key works outside fields only, and a key with Ctrl in both", () => {
  const act = vi.fn();
  const save = vi.fn();
  render(<Page act={act} save={save} />);
  const field = screen.getByLabelText("Note");
  press(field, "n");
  expect(act).not.toHaveBeenCalled();
  press(document.body, "n");
  press(field, "Enter", { ctrlKey: true });
  expect([act.mock.calls.length, save.mock.calls.length]).toEqual([1, 1]);
});

test("single keys that are switched off do nothing; those with Ctrl stay", () => {
  const act = vi.fn();
  const save = vi.fn();
  prefer({ singleKeys: false });
  render(<Page act={act} save={save} />);
  press(document.body, "n");
  press(document.body, "Enter", { ctrlKey: true });
  expect([act.mock.calls.length, save.mock.calls.length]).toEqual([0, 1]);
});

test("Esc leaves a field and keeps its text", () => {
  render(<Page act={vi.fn()} save={vi.fn()} />);
  const field = screen.getByLabelText<HTMLTextAreaElement>("Note");
  field.value = "half a sentence";
  field.focus();
  press(field, "Escape");
  expect(document.activeElement).not.toBe(field);
  expect(field.value).toBe("half a sentence");
});

test("a key that writes with an input method, or is held down, is no command", () => {
  const act = vi.fn();
  render(<Page act={act} save={vi.fn()} />);
  press(document.body, "n", { isComposing: true });
  press(document.body, "n", { repeat: true });
  expect(act).not.toHaveBeenCalled();
});
