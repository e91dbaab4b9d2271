import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "../api/queries";
import type { Me } from "../api/shapes";
import { desk, NOTHING } from "../api/store";
import { language } from "../i18n/language";
import { homeOf, placesOf } from "./places";
import { Strip } from "./Strip";

const AGENT = ["calls:read", "calls:write", "calls:dial", "contacts:read", "events:read"];
const PHONE = {
  pbx: "hq",
  extension: "201",
  label: null,
  registered: true,
  held: false,
  in_use: false,
};

const somebody = (role: Me["role"], scopes: string[], more: object = {}) =>
  ({ login: "paula", name: "Paula", role, scopes, extensions: [], ...more }) as unknown as Me;

const names = (me: Me | null) => placesOf(me).map((one) => one.name);
const asked = vi.fn();

beforeEach(() => {
  language.set("en");
  asked.mockReset().mockImplementation(() => new Promise(() => undefined));
  vi.stubGlobal("fetch", asked);
});

afterEach(() => {
  cleanup();
  queryClient.clear();
  desk.set(NOTHING);
  vi.unstubAllGlobals();
});

function showStrip(me: Me) {
  desk.set({ ...NOTHING, me });
  render(
    <QueryClientProvider client={queryClient}>
      <Strip wide />
    </QueryClientProvider>,
  );
}

test("everybody has the places that the daemon's scopes answer, and begins at the first", () => {
  const agent = somebody("agent", AGENT);
  const pbx = somebody("pbx-admin", ["events:read"]);
  const privacy = somebody("privacy", ["audit:read", "privacy:write"]);
  expect(names(agent)).toEqual(["desk", "missed", "contacts", "calls"]);
  expect(names(somebody("supervisor", AGENT))).toContain("trunks");
  expect([names(pbx), homeOf(pbx)]).toEqual([["trunks"], "/trunks"]);
  expect([names(privacy), homeOf(privacy)]).toEqual([[], "/profile"]);
  expect(names(null)).toEqual([]);
});

test("who has a phone has a desk, because its calls ring there", () => {
  const pbx = somebody("pbx-admin", ["events:read"], { extensions: [PHONE] });
  expect([names(pbx), homeOf(pbx)]).toEqual([["desk", "trunks"], "/"]);
});

test("the strip counts nothing that one may not ask for, and asks for none of it", () => {
  showStrip(somebody("pbx-admin", ["events:read"]));
  expect(screen.queryAllByRole("link")).toEqual([]);
  expect(screen.getByRole("complementary").textContent).toBe("");
  const paths = asked.mock.calls.map(([to]) => String(to instanceof Request ? to.url : to));
  expect(paths.filter((path) => !path.includes("/agents"))).toEqual([]);
});

test("the strip gives no figure until the daemon has given it", () => {
  showStrip(somebody("agent", AGENT));
  const figures = screen.getAllByRole("link").map((link) => link.querySelector("b")?.textContent);
  expect(figures).toEqual(["–", "–"]);
});
