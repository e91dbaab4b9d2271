import { FocusTrap, Popover } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useMe } from "../api/store";
import { useT } from "../i18n";
import { Icon } from "../ui/Icon";
import { LOOKS, usePresence } from "./presence";
import style from "./TopBar.module.css";

const PresenceMenu = lazy(async () => {
  const { PresenceMenu: Menu } = await import("../pages/people/PresenceMenu");
  return { default: Menu };
});

const initials = (name: string) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();

/** What one is doing and at which phone; opens how to change it, the other pages and the way out. */
export function PresencePill() {
  const t = useT().app;
  const me = useMe();
  const presence = usePresence();
  const [open, setOpen] = useState(false);
  const { icon, tone } = LOOKS[presence];
  const numbers = [...new Set(me.extensions.map((one) => one.extension))].join(", ");
  const close = () => setOpen(false);
  return (
    <>
      <Popover
        opened={open}
        onChange={setOpen}
        position="bottom-end"
        width="max-content"
        offset={4}
        radius="md"
        returnFocus
        withRoles={false}
        transitionProps={{ duration: 0 }}
      >
        <Popover.Target>
          <button
            type="button"
            className={style.pill}
            aria-haspopup="dialog"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Icon name={icon} tone={tone} />
            <b className={style.word}>{t.presence[presence]}</b>
            <span className={`dim num ${style.long}`}>
              {numbers === "" ? t.noExtension : t.extension(numbers)}
            </span>
            <Icon name="down" />
          </button>
        </Popover.Target>
        <Popover.Dropdown className={style.menu ?? ""}>
          <Suspense fallback={null}>
            <FocusTrap active={open}>
              <section aria-label={t.presenceMenu} role="dialog" className={style.menuBody}>
                <p className={style.who}>
                  <b>{me.name || me.login}</b> <span className="dim">{me.login}</span>
                </p>
                <PresenceMenu onClose={close} />
              </section>
            </FocusTrap>
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      <span className={style.me} aria-hidden="true">
        {initials(me.name || me.login)}
      </span>
    </>
  );
}
