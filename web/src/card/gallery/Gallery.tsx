import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Commands } from "../commands";
import { drafts } from "../drafts";
import { PopCard } from "../PopCard";
import { type Surroundings, SurroundingsContext } from "../surroundings";
import { NOW } from "./calls";
import style from "./Gallery.module.css";
import { AGENTS, PEOPLE, QUEUES } from "./people";
import { type Shown, STATES } from "./states";

const DISPOSITIONS = {
  it: ["Risolto", "Da seguire", "Reclamo", "Informazione", "Passata ad altri", "Non pertinente"],
  en: ["Solved", "To follow up", "Complaint", "Information", "Passed on", "Not relevant"],
};

const nothing = () => Promise.resolve(null);
const COMMANDS: Commands = {
  phone: nothing,
  transfer: nothing,
  wrapUp: nothing,
  apologised: nothing,
  handOff: nothing,
  choose: nothing,
  promise: nothing,
  withdraw: nothing,
  newContact: nothing,
  createInCrm: nothing,
  retry: nothing,
  dial: nothing,
  search: () => Promise.resolve([]),
  opening: nothing,
};
const client = new QueryClient();

interface GalleryProps {
  state: string;
  lang: "it" | "en";
}

/** One state of the card in a frame as large as the desk's own. */
export function Gallery({ state: name, lang }: GalleryProps) {
  const state = STATES[name] ?? { shown: [] };
  useMemo(() => type(state.shown), [state]);
  const surroundings = useMemo<Surroundings>(
    () => ({
      me: { login: "anna", name: "Anna Moretti" },
      now: () => NOW,
      lostAt: state.lost ? NOW : null,
      people: PEOPLE,
      agents: AGENTS,
      queues: QUEUES,
      dispositions: DISPOSITIONS[lang],
      crms: [{ name: "odoo", label: "Odoo", creates: "contact" }],
      wrapUpS: 100,
      commands: COMMANDS,
      say: () => undefined,
      available: null,
      onHeld: () => undefined,
      onSaved: () => undefined,
      onOpen: () => undefined,
      onDismiss: () => undefined,
    }),
    [state, lang],
  );
  return (
    <QueryClientProvider client={client}>
      <SurroundingsContext.Provider value={surroundings}>
        <div className={style.desk}>
          <main className={style.main}>
            {state.shown.map((one) => (
              <PopCard
                key={one.card.callId}
                card={one.card}
                open={one.open}
                panel={one.panel}
                receipts={one.receipts ?? []}
                silent={one.silent ?? null}
                afterCall={
                  one.afterCall
                    ? { until: NOW + 31_000, total: 100_000, extend: () => undefined }
                    : null
                }
              />
            ))}
          </main>
        </div>
      </SurroundingsContext.Provider>
    </QueryClientProvider>
  );
}

/** What somebody has typed in this state. */
function type(shown: readonly Shown[]): void {
  drafts.of("anna");
  for (const { card, note, disposition } of shown) {
    drafts.drop(card.callId);
    if (note === undefined) continue;
    const unsent = card.phase === "gone";
    drafts.change(card.callId, {
      note,
      savedNote: unsent ? "" : note,
      savedAt: unsent ? null : NOW - 15_000,
      disposition: disposition ?? null,
    });
  }
}
