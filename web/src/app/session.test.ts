import { afterEach, expect, test, vi } from "vitest";
import { desk } from "../api/store";
import { wire } from "../api/wire";
import { session } from "./session";

afterEach(() => vi.unstubAllGlobals());

test("a page whose socket is refused because the session ended meanwhile goes to the door", async () => {
  const body = {
    type: "urn:filodiretto:problem:not-signed-in",
    title: "Not signed in",
    status: 401,
    detail: "Sign in first.",
  };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status: 401 }));
  session.set({ phase: "in", over: null });
  desk.set({ ...desk.get(), me: { login: "anna" } as never });
  wire.set({ phase: "lost", lostAt: 1, nextTryAt: 2 });
  expect(session.get().phase).toBe("in");
  wire.set({ phase: "lost", lostAt: 1, nextTryAt: 3 });
  await vi.waitFor(() => expect(session.get()).toEqual({ phase: "out", over: "expired" }), 20_000);
  expect(desk.get().me).toBeNull();
});
