import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { language } from "../../i18n/language";
import { ClosedThen } from "./ClosedThen";

let client: QueryClient;
const OPENS = new Date(2026, 11, 9, 9, 0);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(told: object, onChange = vi.fn()) {
  language.set("it");
  client = new QueryClient();
  vi.stubGlobal("fetch", async () => Response.json(told));
  render(
    <QueryClientProvider client={client}>
      <ClosedThen value="2026-12-08T11:00" agent="anna" onChange={onChange} />
    </QueryClientProvider>,
  );
  return onChange;
}

test("a time at which nobody is there is said at once, with the next opening in one press", async () => {
  const onChange = show({ open: false, opens_at: OPENS.toISOString(), day: "Immacolata" });
  expect((await screen.findByText(/A quell’ora è chiuso \(Immacolata\)/)).textContent).toContain(
    "9:00",
  );
  fireEvent.click(screen.getByRole("button"));
  expect(onChange).toHaveBeenCalledWith("2026-12-09T09:00");
});

test("nothing is said of a time at which somebody is there", async () => {
  show({ open: true, opens_at: null, day: null });
  await waitFor(() => expect(client.getQueryCache().getAll()[0]?.state.status).toBe("success"));
  expect(screen.getByRole("status").textContent).toBe("");
});
