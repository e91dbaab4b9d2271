import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useSearchParams } from "wouter";
import { get } from "../api/client";
import { KEYS } from "../api/queries";
import { useMe } from "../api/store";
import { useT } from "../i18n";
import { phone } from "../i18n/format";
import { Button } from "../ui/Button";
import { Name } from "../ui/Name";
import { DialButton } from "./parts/Dial";
import { PageHead, Panel } from "./parts/Layout";
import { Empty } from "./parts/Notice";
import parts from "./parts/parts.module.css";

const MAX = 80;

/** The number that an address asks for: `tel:+39…` from a protocol handler, or the number itself. */
export function askedNumber(text: string | null): string | null {
  if (text === null) return null;
  const bare = text.trim().replace(/^tel:(\/\/)?/i, "");
  // parameters of RFC 3966 are no part of the number
  const number = safeDecode(bare.split(";")[0] ?? "").trim();
  return /\d/.test(number) && /^[\d\s+()./*#-]+$/.test(number) ? number.slice(0, MAX) : null;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `/call?to=…`: another page wants a number called; nothing is dialled before somebody says so. */
export default function DialPage() {
  const { dial } = useT().pages;
  const [params] = useSearchParams();
  const [, go] = useLocation();
  const extension = useMe().extensions[0]?.extension;
  const number = askedNumber(params.get("to"));
  if (number === null) {
    return (
      <Panel label={dial.call}>
        <Empty>{dial.none}</Empty>
      </Panel>
    );
  }
  return (
    <>
      <PageHead title={dial.title(phone(number))} lead={dial.ask} />
      <Panel label={dial.call}>
        <div className={parts.empty}>
          {extension !== undefined && <p>{dial.lead(extension)}</p>}
          <div className={parts.row}>
            <DialButton number={number} label={dial.call} whom={phone(number)} look="main" />
            <Button onClick={() => go("/", { replace: true })}>{dial.dont}</Button>
          </div>
          <Whose number={number} />
        </div>
      </Panel>
    </>
  );
}

/** Who the directory says it is, before anybody is called by mistake. */
function Whose({ number }: { number: string }) {
  const { dial } = useT().pages;
  const found = useQuery({
    queryKey: [...KEYS.contacts, "match", number],
    queryFn: ({ signal }) => get("/api/v1/match", { query: { number }, signal }),
  });
  const contact = found.data?.known ? found.data.contact : null;
  if (contact === null) {
    return <Link href={`/contacts?q=${encodeURIComponent(number)}`}>{dial.whose}</Link>;
  }
  return (
    <Link href={`/contacts/${encodeURIComponent(contact.id)}`}>
      <Name>{[contact.name, contact.company].filter(Boolean).join(", ")}</Name>
    </Link>
  );
}
