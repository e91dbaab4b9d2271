import { beforeEach, expect, test, vi } from "vitest";
import { renewWhenOutdated } from "./renewal";

beforeEach(() => sessionStorage.clear());

test("a tab older than the daemon loads anew, but not again and again", () => {
  const reload = vi.fn();
  let now = 1_000_000;
  renewWhenOutdated(() => now, reload);
  const fail = () => window.dispatchEvent(new Event("vite:preloadError", { cancelable: true }));
  expect(fail()).toBe(false); // the error is dealt with
  expect(reload).toHaveBeenCalledTimes(1);
  now += 1_000;
  expect(fail()).toBe(true); // the part is missing for another reason: the page says so
  expect(reload).toHaveBeenCalledTimes(1);
  now += 120_000;
  fail();
  expect(reload).toHaveBeenCalledTimes(2);
});
