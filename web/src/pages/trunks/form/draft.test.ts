import { describe, expect, it } from "vitest";
import { ApiProblem } from "../../../api/problem";
import type { TrunkField, TrunkProvider } from "../types";
import { diffLines, groupsOf, isAsked, mistakesOf, shownOf, valuesOf } from "./draft";

describe("the form of a trunk", () => {
  const field = (name: string, more: Partial<TrunkField> = {}) =>
    ({ name, kind: "text", group: "trunk", default: "", required: false, ...more }) as TrunkField;
  const provider = {
    values: { registrar: "sip.p.example" },
    asks: ["user"],
  } as unknown as TrunkProvider;
  const fields = [
    field("name", { required: true }),
    field("registrar", { required: true, group: "server" }),
    field("user", { group: "account" }),
    field("codecs", { kind: "list", default: ["alaw"], required: true, group: "media" }),
  ];

  it("asks first for what only the customer knows", () => {
    expect(fields.filter((one) => isAsked(one, provider)).map((one) => one.name)).toEqual([
      "name",
      "user",
    ]);
    expect(groupsOf(fields).map(([group]) => group)).toEqual([
      "trunk",
      "server",
      "account",
      "media",
    ]);
  });

  it("sends what differs from the template, and nothing that is no field", () => {
    const draft = { name: "p", registrar: "sip.p.example", codecs: ["alaw"], gone: "x" };
    expect(valuesOf(fields, provider, draft)).toEqual({ name: "p" });
    expect(valuesOf(fields, provider, { registrar: "" })).toEqual({ registrar: "" });
    expect(fields.map((one) => shownOf(one, provider, { name: "p" }))).toEqual([
      "p",
      "sip.p.example",
      "",
      ["alaw"],
    ]);
  });

  it("puts mistakes at their fields, and says of another refusal that it is one", () => {
    const problem = (errors: { pointer?: string; detail: string }[]) =>
      new ApiProblem({ type: "t", title: "t", status: 422, detail: "d", errors }, null);
    expect(mistakesOf(problem([{ pointer: "#/values/name", detail: "manca" }]))).toEqual({
      name: "manca",
    });
    expect(mistakesOf(problem([{ pointer: "#/pbx", detail: "?" }]))).toBeNull();
    expect(mistakesOf(new Error("x"))).toBeNull();
  });

  it("tells added from removed lines, not the names of files", () => {
    const diff = "--- a\n+++ b\n@@ -1 +1 @@\n same\n-old\n+new\n";
    expect(diffLines(diff).map((one) => one.kind)).toEqual(["head", "same", "del", "add"]);
  });
});
