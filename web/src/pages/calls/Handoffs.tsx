import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { CallRecord } from "../../api/shapes";
import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { useNames } from "../lists";
import { Section } from "./CallDetail";
import style from "./Calls.module.css";

/** What colleagues left with the call for whoever took it over. */
export function Handoffs({ call }: { call: CallRecord }) {
  const { call: words } = useT().pages;
  const nameOf = useNames();
  const found = useQuery({
    queryKey: [...KEYS.calls, call.id, "handoff"],
    queryFn: ({ signal }) => get("/api/v1/calls/{id}/handoff", { path: { id: call.id }, signal }),
    enabled: call.transfers.length > 0,
  });
  const notes = found.data?.items ?? [];
  if (notes.length === 0) return null;
  return (
    <Section title={words.handoffs}>
      <ul className={style.list}>
        {notes.map((one) => (
          <li key={one.at}>
            <span className={style.note} dir="auto">
              {[one.reason, one.done, one.wants, one.note].filter(Boolean).join("\n")}
            </span>
            <span className={style.s}>
              {[one.by && nameOf(one.by), clock(one.at)].filter(Boolean).join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
