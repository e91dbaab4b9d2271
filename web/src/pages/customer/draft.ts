import type { DirectoryEntry } from "../../api/shapes";

/** The label of a column of numbers that has no other; not shown. */
const PLAIN = "phone";
/** The label of a number typed in without one: an import or a CRM takes away what lacks under its own. */
const TYPED = "added";

/**
 * A number as it stands in the form, with the extension behind it ("06 1234 int. 12"): one that is
 * not shown could not be changed. `key` tells rows apart while they are typed in.
 */
export interface NumberDraft {
  key: number;
  number: string;
  label: string;
  /** The label if none is written: that of before, which is not shown. */
  unlabelled: string;
}

/** A number to be typed in. */
export function newNumber(key: number, number = ""): NumberDraft {
  return { key, number, label: "", unlabelled: TYPED };
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
    numbers: [newNumber(0, known.number ?? "")],
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
      label: isShown(one.label) ? one.label : "",
      unlabelled: isShown(one.label) ? TYPED : one.label,
    })),
  };
}

/** What kind of number a label tells people: an import labels by columns (`phone2`, `mobile`). */
export function kindOf(label: string, kinds: Readonly<Record<string, string>>): string {
  const column = label.replace(/\d+$/, "");
  return isShown(column) ? (kinds[column] ?? label) : "";
}

function isShown(label: string): boolean {
  return label !== PLAIN && label !== TYPED;
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
        label: one.label.trim() || one.unlabelled,
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
