import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "../api/queries";
import { desk, NOTHING } from "../api/store";
import { AfterCallEnd } from "./afterCall";

const NOW = Date.parse("2026-03-17T10:00:00Z");
const asked: string[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  asked.length = 0;
  document.body.innerHTML = '<p role="status" id="status"></p>';
  vi.stubGlobal("fetch", async (address: string) => {
    asked.push(address);
    return new Response("", { status: 200 });
  });
});
afterEach(() => {
  cleanup();
  desk.set(NOTHING);
  queryClient.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page that starts now and finds its phone paused since then. */
function start(since: string, { reason = "Dopo chiamata", wrapUp = 45 } = {}): void {
  queryClient.setQueryData(["desk"], { after_call: "Dopo chiamata", wrap_up_s: wrapUp });
  const member = { extension: "1002", paused: true, pause_reason: reason, paused_since: since };
  desk.set({
    ...NOTHING,
    me: { login: "anna", extensions: [{ extension: "1002" }] } as never,
    queues: new Map([["hq/Assistenza", { members: [member] } as never]]),
  });
  render(
    <QueryClientProvider client={queryClient}>
      <AfterCallEnd />
    </QueryClientProvider>,
  );
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("a page that starts when the time after a call is long over frees the phone and says so", async () => {
  start("2026-03-17T09:20:00Z");
  await pass(1_000);
  expect(asked).toEqual(["/api/v1/agents/1002/unpause"]);
  expect(document.getElementById("status")?.textContent).not.toBe("");
});

test("a page that starts in that time lets it run out: a card may wait in another tab", async () => {
  start("2026-03-17T09:59:50Z");
  await pass(34_000);
  expect(asked).toEqual([]);
  await pass(2_000);
  expect(asked).toEqual(["/api/v1/agents/1002/unpause"]);
});

test.each([
  ["a break is nobody's to end", { reason: "Pranzo" }],
  ["a house without a time after calls pauses for its own reasons", { wrapUp: 0 }],
])("%s", async (_why, how) => {
  start("2026-03-17T09:20:00Z", how);
  await pass(60_000);
  expect(asked).toEqual([]);
});
