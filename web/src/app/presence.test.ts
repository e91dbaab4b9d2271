import { expect, test } from "vitest";
import type { Me, Phone, Queue } from "../api/shapes";
import { presenceOf } from "./presence";

const me = (...extensions: string[]) =>
  ({ extensions: extensions.map((extension) => ({ extension })) }) as unknown as Me;
const phone = (state: string, more: Partial<Phone> = {}) =>
  ({ extension: "1002", state, registered: true, stale: false, ...more }) as Phone;
const queue = (reason: string | null) =>
  ({ members: [{ extension: "1002", paused: true, pause_reason: reason }] }) as unknown as Queue;

test.each([
  ["a call goes before a pause", me("1002"), [phone("in_use")], [queue("Pranzo")], "busy"],
  ["a pause is a break", me("1002"), [phone("idle")], [queue("Pranzo")], "paused"],
  ["the pause after a call says so", me("1002"), [phone("idle")], [queue("wrap-up")], "afterCall"],
  ["free", me("1002"), [phone("idle")], [], "available"],
  [
    "a phone that is not there",
    me("1002"),
    [phone("unavailable", { registered: false })],
    [],
    "unregistered",
  ],
  ["a link that is down", me("1002"), [phone("idle", { stale: true })], [], "unknown"],
  ["somebody else's phone is not mine", me("1009"), [phone("in_use")], [], "unknown"],
  ["nobody's phone", me(), [phone("idle")], [], "none"],
])("%s", (_why, who, phones, queues, expected) => {
  expect(presenceOf(who, phones, queues, "wrap-up")).toBe(expected);
});
