import { useDeferredValue, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import type { DirectoryEntry } from "../../api/shapes";
import { useMe } from "../../api/store";
import { useT } from "../../i18n";
import { phone } from "../../i18n/format";
import { Badge } from "../../ui/Badge";
import { Button, buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Name } from "../../ui/Name";
import { usePages } from "../lists";
import { DialButton } from "../parts/Dial";
import { PageHead, Panel } from "../parts/Layout";
import { Empty, Failed, Stale } from "../parts/Notice";
import parts from "../parts/parts.module.css";
import style from "./Customer.module.css";
import { firstNumber } from "./CustomerPage";

const AT_ONCE = 50;
const NUMBER = /^[+()\d\s./-]{3,}$/;

/** Whether what was typed is a number rather than a name. */
export function looksDialled(text: string): boolean {
  return NUMBER.test(text.trim()) && /\d{3}/.test(text.replace(/\D/g, ""));
}

/** The directory: people and companies by name, company, e-mail or number. */
export default function CustomersPage() {
  const { customers } = useT().pages;
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(params.get("q") ?? "");
  const asked = params.get("q") ?? "";
  const [seen, setSeen] = useState(asked);
  // somebody searched from the top bar while this page was open
  if (asked !== seen) {
    setSeen(asked);
    setTyped(asked);
  }
  const q = useDeferredValue(typed.trim());
  const write = (text: string) => {
    setTyped(text);
    setSeen(text);
    setParams(text ? { q: text } : {}, { replace: true });
  };
  const may = useMe().scopes.includes("contacts:write");
  return (
    <>
      <PageHead title={customers.title} lead={customers.lead}>
        {may && (
          <>
            <Link className={buttonClass()} href="/contacts/import">
              {customers.import}
            </Link>
            <Link className={buttonClass("main")} href={newContact(q)}>
              <Icon name="add" />
              {customers.new}
            </Link>
          </>
        )}
      </PageHead>
      <Panel label={customers.results}>
        <div className={parts.tools}>
          <label className={`${parts.field} ${style.search}`}>
            <span className="vh">{customers.search}</span>
            <input
              className={parts.input}
              type="search"
              maxLength={80}
              placeholder={customers.search}
              value={typed}
              autoComplete="off"
              onChange={(event) => write(event.target.value)}
            />
          </label>
          {looksDialled(q) && <DialButton number={q} label={customers.dial(q)} whom={q} />}
        </div>
        <Stale />
        <Results q={q} />
      </Panel>
    </>
  );
}

function newContact(q: string): string {
  if (q === "") return "/contacts/new";
  const field = looksDialled(q) ? "number" : "name";
  return `/contacts/new?${field}=${encodeURIComponent(q)}`;
}

function Results({ q }: { q: string }) {
  const { customers, common } = useT().pages;
  const found = usePages([...KEYS.contacts, "search", q], (at, signal) =>
    get("/api/v1/contacts", { query: { ...(q ? { q } : {}), limit: AT_ONCE, ...at }, signal }),
  );
  if (found.error) return <Failed error={found.error} retry={found.retry} />;
  if (found.pending) return null;
  if (found.items.length === 0) {
    const nobody = looksDialled(q) ? customers.noneFoundNumber(q) : customers.noneFound(q);
    return <Empty>{q === "" ? customers.none : nobody}</Empty>;
  }
  return (
    <>
      <ul className={style.found}>
        {found.items.map((one) => (
          <FoundRow key={one.id} contact={one} />
        ))}
      </ul>
      {found.hasMore && (
        <div className={parts.pad}>
          <Button onClick={found.more} disabled={found.fetching}>
            {common.more}
          </Button>
        </div>
      )}
    </>
  );
}

function FoundRow({ contact }: { contact: DirectoryEntry }) {
  const { customer, common } = useT().pages;
  const may = useMe().scopes.includes("calls:dial");
  const number = firstNumber(contact);
  const name = contact.name ?? contact.company ?? contact.id;
  const facts = [
    contact.company === name ? null : contact.company,
    number === null ? null : phone(number),
    contact.email,
  ];
  return (
    <li className={style.entry}>
      <Icon name={contact.kind === "company" ? "company" : "person"} tone="dim" />
      <div className={style.what}>
        <Link href={`/contacts/${encodeURIComponent(contact.id)}`}>
          <Name>{name}</Name>
        </Link>
        <span className={`num ${style.s}`}>
          <bdi>{facts.filter(Boolean).join(" · ")}</bdi>{" "}
          {contact.at_risk && (
            <Badge tone="risk" icon="risk">
              {common.atRisk}
            </Badge>
          )}{" "}
          {contact.vip && <Badge icon="star">{common.vip}</Badge>}
        </span>
      </div>
      {number !== null && may && (
        <DialButton number={number} label={customer.call} whom={name} small />
      )}
    </li>
  );
}
