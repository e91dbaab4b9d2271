import { expect, it } from "vitest";
import type { Queue } from "../../api/shapes";
import { serving } from "./presence";

const queue = (...extensions: (string | null)[]) =>
  ({ queue: "support", members: extensions.map((extension) => ({ extension })) }) as Queue;

it("takes a break from the phones that serve queues, wherever somebody sits today", () => {
  const queues = [queue("1001", null, "1002"), queue("1001")];
  expect(serving(queues, ["1005", "1001"])).toEqual(["1001"]);
  expect(serving(queues, ["1005"])).toEqual([]);
});
