import { language } from "../i18n/language";
import { ApiProblem, Unreachable } from "./problem";
import type { paths } from "./schema";
import type { Problem } from "./shapes";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The addresses that take a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends PathOf<M>> =
  paths[P] extends Record<M, infer O> ? O : never;
type JsonOf<Answer> = Answer extends { content: { "application/json": infer Json } }
  ? Json
  : undefined;
type Answers<O> = O extends { responses: infer R } ? R[keyof R & (200 | 201 | 202 | 204)] : never;

/** What an address answers when all goes well; undefined for an empty answer. */
export type Answer<M extends Method, P extends PathOf<M>> = JsonOf<Answers<Operation<M, P>>>;

type PathParams<O> = O extends { parameters: { path: infer V } }
  ? V extends object
    ? { path: V }
    : object
  : object;
type QueryParams<O> = O extends { parameters: { query?: infer V } } ? { query?: V } : object;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : O extends { requestBody?: { content: { "application/json": infer B } } }
    ? { body?: B }
    : object;

interface Common {
  signal?: AbortSignal;
  /** Makes a repetition harmless; see `newKey`. */
  idempotencyKey?: string;
  /** A token in place of the cookie: signing in with one. */
  token?: string;
  /** The version that an edit is based on. */
  ifMatch?: string;
}

/** What a request carries: the address's own parameters and body, typed. */
export type Options<M extends Method, P extends PathOf<M>> = Common &
  PathParams<Operation<M, P>> &
  QueryParams<Operation<M, P>> &
  BodyOf<Operation<M, P>>;

type Rest<M extends Method, P extends PathOf<M>> =
  object extends Options<M, P> ? [options?: Options<M, P>] : [options: Options<M, P>];

interface Loose extends Common {
  path?: unknown;
  query?: unknown;
  body?: unknown;
}

const TIMEOUT_MS = 10_000;
const expired = new Set<() => void>();

/** Call the listener when a request is refused because the session is over; returns how to stop. */
export function onSessionOver(listener: () => void): () => void {
  expired.add(listener);
  return () => expired.delete(listener);
}

/** A new `Idempotency-Key`: one for each thing that a person asks for, the same for its repetitions. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Ask the daemon; throws `ApiProblem` for a refusal and `Unreachable` if there is no answer. */
export async function request<M extends Method, P extends PathOf<M>>(
  method: M,
  address: P,
  ...[options]: Rest<M, P>
): Promise<Answer<M, P>> {
  const loose: Loose = options ?? {};
  return understood(await send(method, fill(address, loose), loose));
}

/** What an answer says; throws `ApiProblem` for a refusal. */
export async function understood<Value>(answer: Response): Promise<Value> {
  if (answer.ok) {
    const text = await answer.text();
    return (text ? JSON.parse(text) : undefined) as Value;
  }
  const problem = await refusal(answer);
  if (problem.slug === "not-signed-in") for (const listener of expired) listener();
  throw problem;
}

export const get = <P extends PathOf<"get">>(address: P, ...rest: Rest<"get", P>) =>
  request("get", address, ...rest);
export const post = <P extends PathOf<"post">>(address: P, ...rest: Rest<"post", P>) =>
  request("post", address, ...rest);
export const put = <P extends PathOf<"put">>(address: P, ...rest: Rest<"put", P>) =>
  request("put", address, ...rest);
export const patch = <P extends PathOf<"patch">>(address: P, ...rest: Rest<"patch", P>) =>
  request("patch", address, ...rest);
export const remove = <P extends PathOf<"delete">>(address: P, ...rest: Rest<"delete", P>) =>
  request("delete", address, ...rest);

function fill(address: string, { path, query }: Loose): string {
  const places = (path ?? {}) as Record<string, unknown>;
  const filled = address.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(places[name] ?? "")),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

/** What every request says of itself. */
export function baseHeaders(): Headers {
  return new Headers({
    Accept: "application/json",
    "Accept-Language": language.get(),
    "X-Filodiretto": "1",
  });
}

async function send(method: Method, address: string, options: Loose): Promise<Response> {
  const headers = baseHeaders();
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  if (options.token) headers.set("Authorization", `Bearer ${options.token}`);
  if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
  if (options.ifMatch) headers.set("If-Match", options.ifMatch);
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(address, {
      method: method.toUpperCase(),
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      cache: "no-store",
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Unreachable();
  }
}

async function refusal(answer: Response): Promise<ApiProblem> {
  const after = Number(answer.headers.get("Retry-After"));
  const retryAfter = after > 0 ? after : null;
  try {
    return new ApiProblem((await answer.json()) as Problem, retryAfter);
  } catch {
    // something between us and the daemon answered in its place
    return new ApiProblem(
      {
        type: "no-problem-details",
        title: answer.statusText,
        status: answer.status,
        detail: "",
        errors: [],
      },
      retryAfter,
    );
  }
}
