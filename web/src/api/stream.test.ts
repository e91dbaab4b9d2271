import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serverNow } from "./clock";
import { beginAnew, closeStream, type Heard, onFrame, onRevoked, openStream } from "./stream";
import { wire } from "./wire";

/** A socket whose other end is the test. */
class Line {
  static readonly OPEN = 1;
  static lines: Line[] = [];
  readyState = Line.OPEN;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: string[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    Line.lines.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  tell(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  cut(code = 1006) {
    this.onclose?.({ code });
  }
}

const AT = "2026-11-22T10:00:00Z";
const hello = (seq: number, resumed: boolean, follow: number) => ({
  type: "hello",
  seq,
  at: AT,
  data: { epoch: "e1", resumed, follow },
});
const link = (seq: number) => ({ type: "link.state", seq, at: AT, data: { pbx: "hq" } });
const last = () => {
  const line = Line.lines.at(-1);
  if (line === undefined) throw new Error("nothing was dialled");
  return line;
};

let heard: [string, boolean][] = [];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime("2026-11-22T09:00:00Z");
  vi.stubGlobal("WebSocket", Line);
  Line.lines = [];
  heard = [];
  stop = onFrame((one: Heard, past) => heard.push([one.type, past]));
  openStream();
});

afterEach(() => {
  closeStream();
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what shows this moment is past, and the next frame is news", () => {
  last().tell(hello(38, false, 1));
  last().tell(link(39));
  last().tell(link(40));
  expect(heard).toEqual([
    ["reset", true],
    ["hello", true],
    ["link.state", true],
    ["link.state", false],
  ]);
});

test("a clock that is an hour off is corrected by the server's", () => {
  last().tell(hello(1, false, 0));
  expect(serverNow()).toBe(Date.parse(AT));
});

test("a page that was cut off says since when, stops its clock and goes on where it was", () => {
  last().tell(hello(38, false, 0));
  last().tell(link(39));
  last().cut();
  const { phase, lostAt } = wire.get();
  expect([phase, lostAt]).toEqual(["lost", Date.parse(AT)]);
  vi.advanceTimersByTime(5_000);
  expect(serverNow()).toBe(lostAt);
  expect(last().url).toContain("?since=e1%3A39");
  last().tell(hello(39, true, 0));
  expect(wire.get()).toEqual({ phase: "online", lostAt: null, nextTryAt: null });
});

test("a page cut off before it knew this moment begins anew", () => {
  last().tell(hello(38, false, 2));
  last().tell(link(39));
  last().cut();
  vi.advanceTimersByTime(1_000);
  expect(last().url).not.toContain("since");
});

test("a page that sits down at another phone asks for this moment as it is from there", () => {
  last().tell(hello(38, false, 0));
  last().tell(link(39));
  beginAnew();
  expect(Line.lines).toHaveLength(2);
  expect(last().url).not.toContain("since");
  last().tell(hello(40, false, 1));
  last().tell(link(41));
  expect(heard.slice(-3)).toEqual([
    ["reset", true],
    ["hello", true],
    ["link.state", true],
  ]);
});

test("a line that is silent is asked, then given up", () => {
  last().tell(hello(1, false, 0));
  const first = last();
  vi.advanceTimersByTime(14_000);
  expect(first.sent).toContain("ping");
  expect(wire.get().phase).toBe("online");
  vi.advanceTimersByTime(12_500);
  expect(Line.lines.length).toBeGreaterThan(1);
});

test("who is signed out elsewhere is told and does not call again", () => {
  const told = vi.fn();
  const stopTold = onRevoked(told);
  last().tell(hello(1, false, 0));
  last().cut(4401);
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveBeenCalledOnce();
  expect(Line.lines).toHaveLength(1);
  stopTold();
});
