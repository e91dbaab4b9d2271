import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { language } from "../i18n/language";
import type { Commands } from "./commands";
import { drafts } from "./drafts";
import { NOW } from "./gallery/calls";
import { AGENTS, PEOPLE, QUEUES } from "./gallery/people";
import * as pops from "./gallery/pops";
import { PopCard } from "./PopCard";
import { type Surroundings, SurroundingsContext } from "./surroundings";
import type { Card, Phase, Pop } from "./types";

function card(pop: Pop, phase: Phase, callId = pop.call_id): Card {
  const call = { ...pop.call, id: callId };
  return {
    callId,
    pop: { ...pop, call_id: callId, call },
    phase,
    pops: {},
    since: NOW,
    heldSince: null,
    showAt: 0,
    leaveAt: null,
    reason: null,
  };
}

function daemon() {
  const done = () => vi.fn().mockResolvedValue(null);
  return {
    phone: done(),
    transfer: done(),
    wrapUp: done(),
    apologised: done(),
    handOff: done(),
    choose: done(),
    promise: done(),
    withdraw: done(),
    newContact: done(),
    createInCrm: done(),
    retry: done(),
    dial: done(),
    search: vi.fn().mockResolvedValue([]),
    opening: done(),
  } satisfies Commands;
}

function around(commands: Commands, part: Partial<Surroundings> = {}): Surroundings {
  const nothing = () => undefined;
  return {
    me: { login: "anna", name: "Anna Moretti" },
    now: () => NOW,
    lostAt: null,
    people: PEOPLE,
    agents: AGENTS,
    queues: QUEUES,
    dispositions: ["Risolto", "Da seguire"],
    crms: [],
    wrapUpS: 0,
    commands,
    say: nothing,
    available: null,
    onHeld: nothing,
    onSaved: nothing,
    onOpen: nothing,
    onDismiss: nothing,
    ...part,
  };
}

const facts = { open: true, receipts: [], silent: null, afterCall: null };

function shown(node: ReactNode, surroundings: Surroundings) {
  const client = new QueryClient();
  const page = (inner: ReactNode) => (
    <QueryClientProvider client={client}>
      <SurroundingsContext.Provider value={surroundings}>{inner}</SurroundingsContext.Provider>
    </QueryClientProvider>
  );
  const view = render(page(node));
  return (next: ReactNode) => view.rerender(page(next));
}

describe("a call's card", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
    });
    sessionStorage.clear();
    drafts.of("");
    drafts.of("anna");
    language.set("it");
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  it("takes no click that was meant for what stood there before", async () => {
    const asked = daemon();
    shown(<PopCard card={card(pops.atRisk, "ring")} {...facts} />, around(asked));
    const decline = screen.getAllByRole("button", {
      name: "Cedere a un collega",
    })[0] as HTMLElement;
    fireEvent.click(decline, { detail: 1 });
    expect(asked.phone).not.toHaveBeenCalled();
    await act(() => vi.advanceTimersByTimeAsync(401));
    await act(async () => fireEvent.click(decline, { detail: 1 }));
    expect(asked.phone).toHaveBeenCalledWith(pops.atRisk.call_id, "decline", "1002");
  });

  it("offers only what the frame allows", () => {
    shown(
      <PopCard card={card({ ...pops.talking, actions: ["hangup"] }, "talk")} {...facts} />,
      around(daemon()),
    );
    expect(screen.queryByRole("button", { name: /Attesa/ })).toBeNull();
    expect(screen.queryByRole("button", { name: /^Passare$/ })).toBeNull();
    expect(screen.getAllByRole("button", { name: "Riagganciare" }).length).toBeGreaterThan(0);
  });

  it("says how the number is vouched for, and whose telephone sent the call on", () => {
    const provenance: Pop["provenance"] = {
      attestation: "full",
      diverted_from: { number: "0299991001", e164: "+390299991001", reason: "busy" },
    };
    const calm = { ...pops.atRisk, provenance };
    const again = shown(<PopCard card={card(calm, "ring")} {...facts} />, around(daemon()));
    expect(screen.getByText("Numero verificato dal gestore (A)")).toBeDefined();
    expect(screen.getByText(/^Deviata da .*9999.?1001 \(occupato\)$/)).toBeDefined();
    again(<PopCard card={card(pops.spoofed, "ring")} {...facts} />);
    expect(screen.getByText("Possibile numero falsificato")).toBeDefined();
    expect(screen.getByText("Verifica del gestore fallita: accertare chi chiama")).toBeDefined();
    expect(screen.queryByText(/Numero verificato|Deviata/)).toBeNull();
  });

  it("saves a note when somebody pauses, and tells another call nothing of it", async () => {
    const asked = daemon();
    const again = shown(<PopCard card={card(pops.talking, "talk")} {...facts} />, around(asked));
    const field = () => screen.getByLabelText<HTMLTextAreaElement>("Note della chiamata");
    fireEvent.change(field(), { target: { value: "Vuole lo storno" } });
    await act(() => vi.advanceTimersByTimeAsync(700));
    expect(asked.wrapUp).not.toHaveBeenCalled();
    await act(() => vi.advanceTimersByTimeAsync(200));
    expect(asked.wrapUp).toHaveBeenCalledWith(pops.talking.call_id, "Vuole lo storno", null);
    expect(screen.getByText(/Salvata alle/)).toBeTruthy();
    const other = card(pops.talking, "talk", "0198c0de-0000-7000-8000-0000000000ff");
    again(<PopCard key={other.callId} card={other} {...facts} />);
    expect(field().value).toBe("");
  });

  it("keeps a note that could not be saved and tries again", async () => {
    const asked = daemon();
    asked.wrapUp.mockResolvedValueOnce("Il server non risponde.");
    shown(<PopCard card={card(pops.talking, "talk")} {...facts} />, around(asked));
    const field = screen.getByLabelText<HTMLTextAreaElement>("Note della chiamata");
    fireEvent.change(field, { target: { value: "Vuole lo storno" } });
    await act(() => vi.advanceTimersByTimeAsync(900));
    expect(screen.getByText(/Non salvata/)).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(5_001));
    await act(() => vi.advanceTimersByTimeAsync(900));
    expect(asked.wrapUp).toHaveBeenCalledTimes(2);
    expect(field.value).toBe("Vuole lo storno");
  });

  it("never saves an outcome that nobody chose", async () => {
    const asked = daemon();
    const onSaved = vi.fn();
    shown(<PopCard card={card(pops.ended, "ended")} {...facts} />, around(asked, { onSaved }));
    const save = screen.getByRole<HTMLButtonElement>("button", { name: /^Salvare/ });
    expect(save.disabled).toBe(true);
    fireEvent.click(screen.getByRole("radio", { name: /Da seguire/ }));
    await act(async () => fireEvent.click(save, { detail: 0 }));
    expect(asked.wrapUp).toHaveBeenCalledWith(pops.ended.call_id, "", "Da seguire");
    expect(onSaved).toHaveBeenCalledWith(pops.ended.call_id);
  });

  it("promises for the opening in place of times at which nobody is there", async () => {
    const asked = daemon();
    const opens = new Date(NOW);
    opens.setDate(opens.getDate() + 1);
    opens.setHours(8, 30, 0, 0);
    asked.opening.mockResolvedValue(opens.toISOString());
    asked.promise.mockResolvedValue("no");
    shown(<PopCard card={card(pops.atRisk, "talk")} {...facts} />, around(asked));
    await act(() => vi.advanceTimersByTimeAsync(500));
    expect(screen.queryByText("Entro un’ora")).toBeNull();
    const first = screen.getByRole("button", { name: "Domani alle 8:30" });
    await act(async () => fireEvent.click(first, { detail: 1 }));
    expect(asked.promise.mock.calls[0]?.[0]).toMatchObject({ due_at: opens.toISOString() });
  });

  it("rests its commands and dates itself while the page hears nothing", () => {
    shown(
      <PopCard card={card(pops.talking, "talk")} {...facts} />,
      around(daemon(), { lostAt: NOW }),
    );
    expect(screen.queryByRole("button", { name: "Riagganciare" })).toBeNull();
    expect(screen.getByText(/Comandi sospesi/)).toBeTruthy();
  });

  it("says in one line who took the call, and keeps the note that was begun", () => {
    drafts.change(pops.atRisk.call_id, { note: "Iniziata" });
    const gone = { ...card(pops.atRisk, "gone"), reason: "answered_elsewhere" as const };
    gone.pop.call.answered_by = "1005";
    shown(<PopCard card={gone} {...facts} open={false} />, around(daemon()));
    expect(screen.getByText(/Ha risposto Luca Gatti/)).toBeTruthy();
    expect(screen.getByLabelText<HTMLTextAreaElement>("Note della chiamata").value).toBe(
      "Iniziata",
    );
  });
});
