import { beforeEach, describe, expect, it } from "vitest";
import { BLANK, Drafts, isUnsent } from "./drafts";

const CALL = "0198c0de-0000-7000-8000-000000000001";
const OTHER = "0198c0de-0000-7000-8000-000000000002";

function opened(person: string): Drafts {
  const drafts = new Drafts(sessionStorage);
  drafts.of(person);
  return drafts;
}

describe("drafts", () => {
  beforeEach(() => sessionStorage.clear());

  it("outlive a reload, for the same call and the same person", () => {
    opened("anna").change(CALL, { note: "Vuole lo storno" });
    const again = opened("anna");
    expect(again.get(CALL).note).toBe("Vuole lo storno");
    expect(again.get(OTHER)).toBe(BLANK);
  });

  it("are not shown to whoever signs in next", () => {
    opened("anna").change(CALL, { note: "Vuole lo storno" });
    expect(opened("bruno").get(CALL)).toBe(BLANK);
    expect(opened("anna").get(CALL)).toBe(BLANK);
  });

  it("are gone with a sign-out", () => {
    opened("anna").change(CALL, { note: "Vuole lo storno" });
    opened("anna").clear();
    expect(sessionStorage.length).toBe(0);
  });

  it("go along when a call becomes part of another, after what is there", () => {
    const drafts = opened("anna");
    drafts.change(CALL, { note: "dalla consultazione" });
    drafts.change(OTHER, { note: "dal cliente" });
    drafts.move(CALL, OTHER);
    expect(drafts.get(OTHER).note).toBe("dal cliente\ndalla consultazione");
    expect(drafts.get(CALL)).toBe(BLANK);
  });

  it("are unsent until what is in the field is what was saved", () => {
    expect(isUnsent({ ...BLANK, note: " a ", savedNote: "a" })).toBe(false);
    expect(isUnsent({ ...BLANK, note: "ab", savedNote: "a" })).toBe(true);
    expect(isUnsent({ ...BLANK, disposition: "Risolto" })).toBe(true);
  });

  it("survive what is no draft in the storage", () => {
    sessionStorage.setItem(`filodiretto.draft.anna.${CALL}`, "{");
    expect(opened("anna").get(CALL)).toBe(BLANK);
  });
});
