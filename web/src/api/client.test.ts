import { afterEach, expect, test, vi } from "vitest";
import { get, onSessionOver, post } from "./client";
import { ApiProblem, Unreachable } from "./problem";

afterEach(() => vi.unstubAllGlobals());

function answering(body: unknown, init: ResponseInit = {}) {
  const asked = vi.fn(
    async (..._request: [string, RequestInit]) =>
      new Response(body === undefined ? null : JSON.stringify(body), init),
  );
  vi.stubGlobal("fetch", asked);
  return asked;
}

const problem = (slug: string, status: number) => ({
  type: `urn:filodiretto:problem:${slug}`,
  title: "No",
  status,
  detail: "Because.",
});

test("places in the path are escaped and what is not asked for is left out of the query", async () => {
  const asked = answering({ items: [] });
  await get("/api/v1/contacts/{id}", { path: { id: "a/b?c" } });
  await get("/api/v1/contacts", { query: { q: "Rossi & C.", limit: 5 } });
  expect(asked.mock.calls.map(([address]) => address)).toEqual([
    "/api/v1/contacts/a%2Fb%3Fc",
    "/api/v1/contacts?q=Rossi+%26+C.&limit=5",
  ]);
});

test("every request carries the header without which the cookie does not count", async () => {
  const asked = answering(undefined, { status: 204 });
  await post("/api/v1/calls", { body: { to: "+390612345678" }, idempotencyKey: "k1" });
  const headers = new Headers(asked.mock.calls[0]?.[1].headers);
  expect([headers.get("X-Filodiretto"), headers.get("Idempotency-Key")]).toEqual(["1", "k1"]);
});

test("a refusal is a problem with its cause, and a session that is over is told", async () => {
  answering(problem("not-signed-in", 401), { status: 401, headers: { "Retry-After": "7" } });
  const told = vi.fn();
  const stop = onSessionOver(told);
  const refused = await get("/api/v1/me").catch((error: unknown) => error);
  stop();
  expect(refused).toBeInstanceOf(ApiProblem);
  expect(refused).toMatchObject({ slug: "not-signed-in", detail: "Because.", retryAfter: 7 });
  expect(told).toHaveBeenCalledOnce();
});

test("a wrong code at the door is no session that is over", async () => {
  answering(problem("totp-wrong", 401), { status: 401 });
  const told = vi.fn();
  const stop = onSessionOver(told);
  await post("/api/v1/session", { body: {} }).catch(() => undefined);
  stop();
  expect(told).not.toHaveBeenCalled();
});

test("what something between us answers is a problem all the same", async () => {
  vi.stubGlobal("fetch", async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(get("/api/v1/me")).rejects.toMatchObject({ status: 502 });
});

test("no answer is not a refusal: nothing is known about what was asked", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(get("/api/v1/me")).rejects.toBeInstanceOf(Unreachable);
});
