import { beforeAll, describe, expect, it } from "vitest";
import { language } from "../i18n/language";
import { band, spoken } from "./band";
import { shownCues } from "./cues";
import { NOW } from "./gallery/calls";
import * as customers from "./gallery/customers";
import { AGENTS, PEOPLE, QUEUES } from "./gallery/people";
import * as pops from "./gallery/pops";
import { STATES } from "./gallery/states";
import * as strangers from "./gallery/strangers";
import { naming, safeUrl } from "./naming";
import { pastRow, presentRow } from "./past";
import { proposals } from "./proposals";
import { targets } from "./targets";
import { handoffOf } from "./transferring";
import type { Card } from "./types";
import { cardWords } from "./words";

function cardIn(state: string): Card {
  const card = STATES[state]?.shown[0]?.card;
  if (card === undefined) throw new Error(`no state ${state}`);
  return card;
}

const shownBand = (state: string) => band(cardIn(state), cardWords(), PEOPLE);

describe("the card in Italian", () => {
  beforeAll(() => language.set("it"));

  it("says first what weighs most, in its variant", () => {
    expect(shownBand("ringing-at-risk")).toMatchObject({
      variant: "bad",
      title: "A rischio. Prima cosa: scusarsi",
      tick: true,
    });
    expect(shownBand("ringing-known").variant).toBe("care");
    expect(shownBand("ambiguous")).toMatchObject({ variant: "note", tick: false });
    expect(shownBand("unknown").title).toBe("Prima cosa: chiedere nome e azienda");
    expect(shownBand("withheld").title).toBe("Prima cosa: chiedere un recapito");
    expect(shownBand("in-call")).toMatchObject({ variant: "plain", settled: true });
  });

  it("speaks a hand-off as the colleague's own words", () => {
    expect(spoken(shownBand("handed-over"))).toBe(
      "Nota di Anna: Card payments fail since 9:00, three guests could not book.",
    );
  });

  it("puts the number in the place of a name that nobody has", () => {
    expect(naming(strangers.unknown, cardWords(), PEOPLE)).toMatchObject({
      isNumber: true,
      beside: "non in rubrica",
    });
    expect(naming(strangers.withheld, cardWords(), PEOPLE).name).toBe("Numero nascosto");
    expect(naming(strangers.ambiguous, cardWords(), PEOPLE)).toMatchObject({
      name: "Studio Verdi",
      beside: "4 persone usano questo numero",
    });
  });

  it("shows the cues that prove the band before the mark itself, and no fact twice", () => {
    const cues = shownCues(customers.RISK_CUES, cardWords(), PEOPLE, NOW);
    expect(cues.map((one) => one.key)).toEqual([
      "several_calls",
      "promise_broken",
      "gave_up",
      "at_risk",
    ]);
    expect(cues[2]?.word).toBe("Ha atteso 4:10 e riagganciato");
  });

  it("tells past contacts by what people said of them", () => {
    const rows = customers.TIMELINE.map((item) => pastRow(item, cardWords(), PEOPLE, NOW));
    expect(rows.map((row) => row.tone)).toEqual(["risk", "risk", null, null]);
    expect(rows[2]).toMatchObject({ notes: [{ by: "Luca" }], by: "Luca Gatti" });
    expect(presentRow(cardIn("in-call"), cardWords(), PEOPLE, "Anna Moretti").text).toBe(
      "In conversazione con Anna Moretti",
    );
  });

  it("offers who knows the customer first and chooses nobody who is busy", () => {
    const found = targets(pops.talking, AGENTS, QUEUES, "anna", "", cardWords(), NOW);
    expect(found.map((one) => one.to)).toEqual(["1005", "1001", "400"]);
    expect(found.filter((one) => one.suggested).map((one) => one.to)).toEqual(["1005"]);
    const written = targets(pops.talking, AGENTS, QUEUES, "anna", "06 1234 5690", cardWords(), NOW);
    expect(written.map((one) => [one.kind, one.to])).toEqual([["number", "0612345690"]]);
  });
});

describe("what a card sends", () => {
  it("cuts a note's first line to what the next card can show, and keeps all of it", () => {
    const long = `Storno di 214,00 € oggi, non nota di credito. ${"Vuole una sola persona. ".repeat(12)}`;
    const left = handoffOf(long, true);
    expect(left.reason?.length).toBeLessThanOrEqual(160);
    expect(left.note).toBe(long.trim());
    expect(handoffOf("Vuole lo storno", false)).toMatchObject({
      reason: "Vuole lo storno",
      note: "",
      verified: false,
    });
    expect(handoffOf("x".repeat(500), false).reason?.length).toBeLessThanOrEqual(160);
  });

  it("proposes call-backs in working time, never in the past", () => {
    const friday = new Date(2026, 10, 20, 17, 40).getTime();
    const offered = proposals(friday);
    expect(offered.map((one) => one.kind)).toEqual(["hour", "day", "day"]);
    for (const one of offered) expect(one.at.getTime()).toBeGreaterThan(friday);
    expect(offered[1]?.at.getDay()).toBe(1);
  });

  it("opens only addresses of the web", () => {
    expect(safeUrl("javascript:alert(1)")).toBeNull();
    expect(safeUrl("https://odoo.example/web#id=41")).toBe("https://odoo.example/web#id=41");
  });
});
