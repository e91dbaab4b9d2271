import { Link, useLocation, useSearchParams } from "wouter";
import { useMe } from "../api/store";
import { useT } from "../i18n";
import { phone } from "../i18n/format";
import { Button } from "../ui/Button";
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
  const { dial, customers } = useT().pages;
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
          <Link href={`/contacts?q=${encodeURIComponent(number)}`}>{customers.search}</Link>
        </div>
      </Panel>
    </>
  );
}
