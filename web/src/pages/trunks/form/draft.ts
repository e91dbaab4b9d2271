import { ApiProblem } from "../../../api/problem";
import type { TrunkField, TrunkProvider, TrunkValue } from "../types";

/** What somebody has written over what the template says, by field. */
export type Draft = Readonly<Record<string, TrunkValue>>;

/** What a field says before anybody writes in it. */
export function givenOf(field: TrunkField, provider: TrunkProvider | undefined): TrunkValue {
  return provider?.values[field.name] ?? field.default;
}

/** What a field shows. */
export function shownOf(
  field: TrunkField,
  provider: TrunkProvider | undefined,
  draft: Draft,
): TrunkValue {
  return draft[field.name] ?? givenOf(field, provider);
}

const same = (a: TrunkValue, b: TrunkValue) => JSON.stringify(a) === JSON.stringify(b);

/** What is sent: only what differs from the template; fields that are none any more are left out. */
export function valuesOf(
  fields: readonly TrunkField[],
  provider: TrunkProvider | undefined,
  draft: Draft,
): Record<string, TrunkValue> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = draft[field.name];
      if (value === undefined || same(value, givenOf(field, provider))) return [];
      return [[field.name, value]];
    }),
  );
}

/** A list as lines of a text, and back; empty lines are nothing. */
export const linesOf = (value: TrunkValue) => (Array.isArray(value) ? value.join("\n") : "");
export const listOf = (text: string) =>
  text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);

/** Whether a field is one that only the customer can fill in: it stands first, also once filled. */
export function isAsked(field: TrunkField, provider: TrunkProvider | undefined): boolean {
  const given = givenOf(field, provider);
  const empty = Array.isArray(given) ? given.length === 0 : given === "";
  return (field.required && empty) || (provider?.asks.includes(field.name) ?? false);
}

/** The fields of each group, in the order in which the groups first come. */
export function groupsOf(fields: readonly TrunkField[]): [TrunkField["group"], TrunkField[]][] {
  const groups = new Map<TrunkField["group"], TrunkField[]>();
  for (const field of fields) groups.set(field.group, [...(groups.get(field.group) ?? []), field]);
  return [...groups];
}

const POINTER = /^#\/values\/([a-z0-9_]+)/;

/** What is wrong with which field, of a refusal; null if it is about something else. */
export function mistakesOf(error: Error | null): Readonly<Record<string, string>> | null {
  if (!(error instanceof ApiProblem)) return null;
  const found = error.errors.flatMap((one) => {
    const name = POINTER.exec(one.pointer ?? "")?.[1];
    return name === undefined ? [] : [[name, one.detail] as const];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}

export type DiffLine = { kind: "same" | "add" | "del" | "head"; text: string };

/** The lines of a unified diff; the names of the two files are left out. */
export function diffLines(diff: string): DiffLine[] {
  return diff
    .replace(/\n$/, "")
    .split("\n")
    .filter((line) => !line.startsWith("--- ") && !line.startsWith("+++ "))
    .map((text) => {
      if (text.startsWith("@@")) return { kind: "head", text };
      if (text.startsWith("+")) return { kind: "add", text };
      return { kind: text.startsWith("-") ? "del" : "same", text };
    });
}
