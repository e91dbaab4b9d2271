import type { CallRecord, Pop } from "../api/shapes";

/** The version of the messages; a member more is no new version, another meaning is. */
export const VERSION = 1;
const MAX_TEXT = 200;

/** What the site around us may ask. */
export type Asked = { type: "hello" } | { type: "dial"; number: string; ref: string | null };

/** How far the request for a call is; `refused` says why in `detail`. */
export type DialState = "accepted" | "unknown" | "refused";

/** What the site around us is told. */
export type Told =
  | { type: "ready"; login: string; extension: string | null }
  | ({ type: "pop" } & PopTold)
  | { type: "wrap-up"; call_id: string; disposition: string | null; note: string | null }
  | {
      type: "dialled";
      ref: string | null;
      state: DialState;
      call_id: string | null;
      detail: string;
    };

/** A call at the agent's phone, as little of it as finding the record in the CRM needs. */
export interface PopTold {
  call_id: string;
  state: "offered" | "answered" | "closed";
  reason: string | null;
  direction: CallRecord["direction"];
  number: string | null;
  match: CallRecord["contact"] extends infer C ? (C extends { match: infer M } ? M : never) : never;
  contact: {
    id: string;
    name: string | null;
    crm: string | null;
    ref: string | null;
    url: string | null;
  } | null;
}

/** Read a message of the site around us; null for what is none of ours or of another version. */
export function read(data: unknown): Asked | null {
  if (typeof data !== "object" || data === null) return null;
  const said = data as Record<string, unknown>;
  if (said.filodiretto !== VERSION) return null;
  if (said.type === "hello") return { type: "hello" };
  if (said.type !== "dial" || typeof said.number !== "string") return null;
  const number = said.number.trim();
  if (number === "" || number.length > MAX_TEXT) return null;
  const ref = typeof said.ref === "string" ? said.ref.slice(0, MAX_TEXT) : null;
  return { type: "dial", number, ref };
}

/** Put what is told into the envelope. */
export function written(told: Told): Told & { filodiretto: typeof VERSION } {
  return { filodiretto: VERSION, ...told };
}

/** What a pop is to the site around us. */
export function popOf(pop: Pop, state: PopTold["state"], reason: string | null): PopTold {
  const { call, contact } = pop;
  const party = call.direction === "outbound" ? call.called : call.caller;
  return {
    call_id: pop.call_id,
    state,
    reason,
    direction: call.direction,
    number: party.e164 ?? party.number,
    match: pop.match.kind,
    contact:
      contact === null
        ? null
        : {
            id: contact.id,
            name: contact.name ?? contact.company,
            crm: contact.crm,
            ref: contact.ref,
            url: contact.url,
          },
  };
}

// RFC 3986 scheme, then host-source of CSP: an optional scheme, a host with an optional *., a port
const SOURCE =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d+|\*))?\/?$/i;
const USUAL_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Whether an origin is one of the sources that may embed us (CSP frame-ancestors). */
export function allows(sources: readonly string[], origin: string, own: string): boolean {
  if (!URL.canParse(origin)) return false;
  const site = new URL(origin);
  if (site.origin === "null" || site.origin !== origin) return false;
  return sources.some((source) => {
    if (source === "'self'") return origin === own;
    if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return site.protocol === source.toLowerCase();
    const [, scheme, host, port] = SOURCE.exec(source) ?? [];
    return (
      host !== undefined && fits(site, scheme ?? new URL(own).protocol.slice(0, -1), host, port)
    );
  });
}

function fits(site: URL, scheme: string, host: string, port: string | undefined): boolean {
  const same = site.protocol === `${scheme.toLowerCase()}:`;
  // a source of plain HTTP also stands for the same site over TLS
  if (!same && !(scheme.toLowerCase() === "http" && site.protocol === "https:")) return false;
  const usual = USUAL_PORTS[site.protocol] ?? "";
  const actual = site.port || usual;
  if (port !== "*" && actual !== (port ?? usual)) return false;
  const wanted = host.toLowerCase();
  if (wanted === "*") return true;
  return wanted.startsWith("*.")
    ? site.hostname.endsWith(wanted.slice(1)) && site.hostname !== wanted.slice(2)
    : site.hostname === wanted;
}
