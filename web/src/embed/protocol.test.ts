import { describe, expect, it } from "vitest";
import { allows, read, written } from "./protocol";

const OWN = "https://phone.example.com";

describe("messages of the site around us", () => {
  it("are read when they are ours and of this version", () => {
    expect(read({ filodiretto: 1, type: "hello" })).toEqual({ type: "hello" });
    expect(read({ filodiretto: 1, type: "dial", number: " +39 06 1 ", ref: "a" })).toEqual({
      type: "dial",
      number: "+39 06 1",
      ref: "a",
    });
  });

  it("are ignored when they are another's, of another version or without a number", () => {
    for (const data of [
      null,
      "dial",
      { type: "dial", number: "+3906" },
      { filodiretto: 2, type: "dial", number: "+3906" },
      { filodiretto: 1, type: "dial", number: 3906 },
      { filodiretto: 1, type: "dial", number: " " },
      { filodiretto: 1, type: "dial", number: "1".repeat(300) },
      { filodiretto: 1, type: "hangup" },
    ]) {
      expect(read(data)).toBeNull();
    }
  });

  it("carry the version on their way out", () => {
    expect(written({ type: "ready", login: "anna", extension: null })).toMatchObject({
      filodiretto: 1,
      type: "ready",
    });
  });
});

describe("who may embed the desk", () => {
  const cases: [string, string, boolean][] = [
    ["https://crm.example.com", "https://crm.example.com", true],
    ["https://crm.example.com", "https://crm.example.com:8443", false],
    ["https://crm.example.com:*", "https://crm.example.com:8443", true],
    ["https://crm.example.com", "http://crm.example.com", false],
    ["http://crm.example.com", "https://crm.example.com", true],
    ["https://*.example.com", "https://a.b.example.com", true],
    ["https://*.example.com", "https://example.com", false],
    ["https://*.example.com", "https://badexample.com", false],
    ["crm.example.com", "https://crm.example.com", true],
    ["crm.example.com", "http://crm.example.com", false],
    ["http://127.0.0.1:*", "http://127.0.0.1:9000", true],
    ["'self'", OWN, true],
    ["'self'", "https://other.example.com", false],
    ["https:", "https://any.example.org", true],
    ["'none'", "https://any.example.org", false],
    ["https://crm.example.com", "null", false],
    ["https://crm.example.com", "https://crm.example.com/path", false],
  ];
  it.each(cases)("%s and %s: %s", (source, origin, expected) => {
    expect(allows([source], origin, OWN)).toBe(expected);
  });

  it("is nobody while nobody is named", () => {
    expect(allows([], "https://crm.example.com", OWN)).toBe(false);
  });
});
