/** A note that this person saved on another page, or before this one, is here too: where nothing is typed. */

import { get } from "../api/client";
import { drafts } from "./drafts";
import type { CallRecord } from "./types";

type Said = CallRecord["wrap_ups"][number];

/** What was saved of a call stands in its field; what is typed here comes first. */
export function adopt(callId: string, said: Said | undefined): void {
  const draft = drafts.get(callId);
  const note = said?.note ?? null;
  if (said === undefined || note === null) return;
  if (draft.note !== "" || draft.savedNote === note) return;
  drafts.change(callId, {
    note,
    savedNote: note,
    savedAt: said.at === null ? null : Date.parse(said.at),
  });
}

/** Ask for what was saved of a call that was on when this page came: its pop does not tell. */
export async function recall(callId: string, login: string): Promise<void> {
  if (drafts.get(callId).note !== "") return;
  try {
    const call = await get("/api/v1/calls/{id}", { path: { id: callId } });
    adopt(
      callId,
      call.wrap_ups.find((one) => one.agent === login),
    );
  } catch {
    // not to be read now: the next connection asks again, and a change of it is told
  }
}
