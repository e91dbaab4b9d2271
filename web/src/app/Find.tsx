import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { get, newKey, post } from "../api/client";
import { ApiProblem } from "../api/problem";
import { KEYS } from "../api/queries";
import type { DirectoryEntry } from "../api/shapes";
import { useMay } from "../api/store";
import { useT } from "../i18n";
import { phone } from "../i18n/format";
import { Icon } from "../ui/Icon";
import { Name } from "../ui/Name";
import { announce, say } from "./announcer";
import { useGeneralCommand } from "./commands";
import style from "./Find.module.css";
import { useKey } from "./keys";

interface Option {
  key: string;
  icon: "out" | "person" | "company" | "search";
  name: string;
  beside: string;
  act: () => void;
}

const SHOWN = 6;
const DEBOUNCE_MS = 180;
// what a person writes as a number; short codes and extensions are numbers too
const NUMBER = /^\+?[\d\s()./-]{2,}$/;

/** One field that finds a customer or dials a number; works with the arrows and Enter. */
export function Find() {
  const t = useT().app;
  const [, go] = useLocation();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useId();
  const wanted = text.trim();
  const [asked] = useDebouncedValue(wanted, DEBOUNCE_MS);
  const mayDial = useMay("calls:dial");
  const mayFind = useMay("contacts:read");
  const found = useQuery({
    queryKey: [...KEYS.contacts, "find", asked],
    queryFn: ({ signal }) => get("/api/v1/contacts", { query: { q: asked, limit: SHOWN }, signal }),
    enabled: mayFind && open && asked.length > 1,
  });
  useKey("/", () => field.current?.focus());
  useGeneralCommand(t.goSearch, () => field.current?.focus(), "/");

  const failed = open && found.isError;
  const count = open && found.data && asked.length > 1 ? found.data.items.length : null;
  useEffect(() => {
    if (failed) say(t.searchFailed);
    else if (count !== null) say(count === 0 ? t.foundNone : t.found(count));
  }, [failed, count, t]);

  const leave = () => {
    setOpen(false);
    setText("");
    field.current?.blur();
  };
  const options: Option[] = [];
  if (mayDial && NUMBER.test(wanted)) {
    const act = () => {
      leave();
      void dial(wanted);
    };
    options.push({ key: "dial", icon: "out", name: t.dial(phone(wanted)), beside: "", act });
  }
  for (const entry of asked === wanted ? (found.data?.items ?? []) : []) {
    options.push({
      ...named(entry),
      act: () => {
        leave();
        go(`/contacts/${encodeURIComponent(entry.id)}`);
      },
    });
  }
  if (mayFind && wanted.length > 1) {
    const act = () => {
      leave();
      go(`/contacts?q=${encodeURIComponent(wanted)}`);
    };
    options.push({ key: "all", icon: "search", name: t.searchAll(wanted), beside: "", act });
  }
  const shown = open && options.length > 0;
  const current = Math.min(at, options.length - 1);

  function pressed(event: React.KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setOpen(true);
      setAt((current + step + options.length) % Math.max(1, options.length));
    } else if (event.key === "Escape") {
      setOpen(false);
    }
  }

  return (
    <search className={style.find}>
      <form
        className={style.field}
        onSubmit={(event) => {
          event.preventDefault();
          if (shown) options[current]?.act();
        }}
      >
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          role="combobox"
          aria-label={t.search}
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={shown ? `${list}-${current}` : undefined}
          placeholder={t.search}
          autoComplete="off"
          spellCheck={false}
          maxLength={80}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={pressed}
        />
        <kbd aria-hidden="true">/</kbd>
      </form>
      <div className={style.list} hidden={!shown}>
        <div id={list} role="listbox" aria-label={t.search}>
          {options.map((option, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            <div
              key={option.key}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              className={style.option}
              onMouseDown={(event) => event.preventDefault()}
              onClick={option.act}
            >
              <Icon name={option.icon} />
              <Name className="cut">{option.name}</Name>
              <span className="dim cut" dir="auto">
                {option.beside}
              </span>
            </div>
          ))}
        </div>
        {failed && <p className={style.failed}>{t.searchFailed}</p>}
      </div>
    </search>
  );
}

function named(entry: DirectoryEntry): Omit<Option, "act"> {
  const name = entry.name ?? entry.company ?? "";
  const number = entry.numbers[0];
  const beside = [
    entry.name === null ? null : entry.company,
    number && phone(number.e164 ?? number.number),
  ];
  return {
    key: entry.id,
    icon: entry.kind === "company" ? "company" : "person",
    name,
    beside: beside.filter(Boolean).join(" · "),
  };
}

async function dial(number: string): Promise<void> {
  try {
    const answer = await post("/api/v1/calls", { body: { to: number }, idempotencyKey: newKey() });
    say([answer.detail, answer.remedy].filter(Boolean).join(" "));
  } catch (error) {
    announce(error instanceof ApiProblem ? error.detail || error.title : String(error));
  }
}
