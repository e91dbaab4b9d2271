import type { DirectoryEntry } from "../../api/shapes";

/** The label of a number that has no other. */
const PLAIN = "phone";

/**
 * A number as it stands in the form, with the extension behind it ("06 1234 int. 12"): one that is
 * not shown could not be changed. `key` tells rows apart while they are typed in.
 */
export interface NumberDraft {
  key: number;
  number: string;
  label: string;
}

/** A contact as it stands in the form. */
export interface ContactDraft {
  kind: "person" | "company";
  name: string;
  company: string;
  email: string;
  language: string;
  formality: string;
  owner: string;
  tags: string;
  vip: boolean;
  at_risk: boolean;
  numbers: NumberDraft[];
}

/** An empty form, with what is known already. */
export function emptyDraft(known: { name?: string | null; number?: string | null }): ContactDraft {
  return {
    kind: "person",
    name: known.name ?? "",
    company: "",
    email: "",
    language: "",
    formality: "",
    owner: "",
    tags: "",
    vip: false,
    at_risk: false,
    numbers: [{ key: 0, number: known.number ?? "", label: "" }],
  };
}

/** The form of a contact that is there. */
export function draftOf(contact: DirectoryEntry): ContactDraft {
  return {
    kind: contact.kind,
    name: contact.name ?? "",
    company: contact.company ?? "",
    email: contact.email ?? "",
    language: contact.language ?? "",
    formality: contact.formality ?? "",
    owner: contact.owner ?? "",
    tags: contact.tags.join(", "),
    vip: contact.vip,
    at_risk: contact.at_risk,
    numbers: contact.numbers.map((one, key) => ({
      key,
      number: written(one.number, one.extension),
      label: one.label === PLAIN ? "" : one.label,
    })),
  };
}

/** What kind of number a label tells people: an import labels by columns (`phone2`, `mobile`). */
export function kindOf(label: string, kinds: Readonly<Record<string, string>>): string {
  const column = label.replace(/\d+$/, "");
  return column === PLAIN ? "" : (kinds[column] ?? label);
}

function written(number: string, extension: string | null): string {
  if (extension === null) return number;
  const behind = new RegExp(`(?:int|ext|x|#|,,|;)[^0-9]*${extension}\\s*$`, "i");
  return behind.test(number) ? number : `${number} int. ${extension}`;
}

/** What is sent: rows without a number are left out, empty texts are none. */
export function bodyOf(draft: ContactDraft) {
  const text = (value: string) => value.trim() || null;
  return {
    kind: draft.kind,
    name: text(draft.name),
    company: text(draft.company),
    email: text(draft.email),
    language: text(draft.language),
    formality: text(draft.formality),
    owner: text(draft.owner),
    tags: draft.tags
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean),
    vip: draft.vip,
    at_risk: draft.at_risk,
    numbers: draft.numbers
      .filter((one) => one.number.trim() !== "")
      .map((one) => ({
        number: one.number.trim(),
        label: one.label.trim() || PLAIN,
      })),
  };
}

/** Only what an edit changes: what nobody touched stays as the CRM or somebody else has it. */
export function changesOf(before: ContactDraft, after: ContactDraft) {
  const was: Record<string, unknown> = bodyOf(before);
  const entries = Object.entries(bodyOf(after));
  return Object.fromEntries(
    entries.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name])),
  ) as Partial<ReturnType<typeof bodyOf>>;
}
