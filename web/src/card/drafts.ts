/**
 * What somebody has typed on a card and not sent: kept for the call and the person, over reloads of
 * the page, until it is sent, discarded or the person signs out. Never shown on another call's card.
 */

import { useSyncExternalStore } from "react";
import type { components } from "../api/schema";

export type HandoffBody = components["schemas"]["HandoffBody"];

export interface Draft {
  readonly note: string;
  /** What of the note the daemon has, and since when (milliseconds of the server's clock). */
  readonly savedNote: string;
  readonly savedAt: number | null;
  /** A chosen contact holds for the number, not for this call only. */
  readonly remember: boolean;
  readonly disposition: string | null;
  readonly savedDisposition: string | null;
  readonly verified: boolean;
  /** The note for who takes the call over; null: not touched, follows the call's note. */
  readonly handoff: string | null;
  readonly transferTo: string | null;
  /** What was left with the call for the next person. */
  readonly left: HandoffBody | null;
  /** With whom a transfer is being talked about. */
  readonly consulting: string | null;
  /** Text of a follow-up. */
  readonly promise: string;
  /** What is typed in the panels for a new contact and for linking, by field. */
  readonly fields: Readonly<Record<string, string>>;
}

export const BLANK: Draft = {
  note: "",
  savedNote: "",
  savedAt: null,
  remember: true,
  disposition: null,
  savedDisposition: null,
  verified: false,
  handoff: null,
  transferTo: null,
  left: null,
  consulting: null,
  promise: "",
  fields: {},
};

const PREFIX = "filodiretto.draft.";

export class Drafts {
  private readonly held = new Map<string, Draft>();
  private readonly listeners = new Set<() => void>();
  private person = "";

  constructor(private readonly storage: Storage | null) {}

  /** Whose texts these are; those of whoever was here before are not read. */
  of(person: string): void {
    if (person === this.person) return;
    this.person = person;
    this.held.clear();
    if (person !== "") this.forgetOthers();
    for (const [callId, text] of this.stored()) {
      const draft = read(text);
      if (draft !== null) this.held.set(callId, draft);
    }
    this.tell();
  }

  get(callId: string): Draft {
    return this.held.get(callId) ?? BLANK;
  }

  /** Calls with anything kept. */
  calls(): string[] {
    return [...this.held.keys()];
  }

  change(callId: string, part: Partial<Draft>): void {
    const draft = { ...this.get(callId), ...part };
    this.held.set(callId, draft);
    this.write(callId, draft);
    this.tell();
  }

  drop(callId: string): void {
    if (!this.held.delete(callId)) return;
    this.write(callId, null);
    this.tell();
  }

  /** A call that became part of another takes its text along; what is there already comes first. */
  move(from: string, to: string): void {
    const moved = this.held.get(from);
    if (moved === undefined || from === to) return;
    const there = this.get(to);
    const note = [there.note, moved.note].filter((text) => text.trim() !== "").join("\n");
    this.drop(from);
    this.change(to, { ...moved, ...there, note, savedNote: there.savedNote });
  }

  /** Forget everything of everybody: somebody signs out. */
  clear(): void {
    this.held.clear();
    for (const key of this.keys(PREFIX)) this.storage?.removeItem(key);
    this.tell();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private forgetOthers(): void {
    const own = `${PREFIX}${this.person}.`;
    for (const key of this.keys(PREFIX)) if (!key.startsWith(own)) this.storage?.removeItem(key);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private write(callId: string, draft: Draft | null): void {
    const key = `${PREFIX}${this.person}.${callId}`;
    try {
      if (draft === null) this.storage?.removeItem(key);
      else this.storage?.setItem(key, JSON.stringify(draft));
    } catch {
      // full or forbidden: the text stays on the page, it does not outlive a reload
    }
  }

  private keys(prefix: string): string[] {
    if (this.storage === null) return [];
    const names = Array.from({ length: this.storage.length }, (_, i) => this.storage?.key(i) ?? "");
    return names.filter((name) => name.startsWith(prefix));
  }

  private stored(): [string, string][] {
    const prefix = `${PREFIX}${this.person}.`;
    return this.keys(prefix).map((key) => [
      key.slice(prefix.length),
      this.storage?.getItem(key) ?? "",
    ]);
  }
}

/** Whether something typed would be lost with the card. */
export function isUnsent(draft: Draft): boolean {
  return (
    draft.note.trim() !== draft.savedNote.trim() || draft.disposition !== draft.savedDisposition
  );
}

function read(text: string): Draft | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...BLANK, ...value } : null;
  } catch {
    return null;
  }
}

function sessionStore(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

export const drafts = new Drafts(typeof window === "undefined" ? null : sessionStore());

/** A call's draft and how to change it. */
export function useDraft(callId: string): [Draft, (part: Partial<Draft>) => void] {
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(callId));
  return [draft, (part) => drafts.change(callId, part)];
}
