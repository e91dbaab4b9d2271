import { beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../../api/shapes";
import { language } from "../../i18n/language";
import { trunkWords } from "../../i18n/trunks";
import { withRun } from "./api";
import { firstFailure, linkChain, trunkChain } from "./chain";
import { costOf, evidenceOf } from "./evidence";
import { runningOf, summaryOf } from "./HistoryPanel";
import { byUrgency, roundTrip, trunkPath } from "./state";
import { findTrunk, toldOf } from "./TrunkPage";
import { atTime, sinceTime } from "./times";
import { areNamed, before, changeText, trendOf, usual } from "./trend";
import type { TestRun, Trunk } from "./types";

const NOW = new Date(2026, 10, 22, 11, 24).getTime();
const HOUR = 3_600_000;
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();
const spaced = (text: string) => text.replace(/\u00a0/g, " ");

const LINK: Link = {
  pbx: "hq",
  phase: "up",
  since: at(-3),
  cause: null,
  remedy: null,
  next_try_at: null,
  words: {},
};

const TRUNK: Trunk = {
  name: "carrier",
  pbx: "hq",
  kind: "asterisk",
  state: "up",
  since: at(-3),
  cause: null,
  remedy: null,
  words: {},
  registration: {
    state: "registered",
    server: "sip.example:5060",
    since: at(-3),
    expires_at: null,
  },
  contacts: [{ address: "sip:203.0.113.10", status: "reachable", rtt_ms: 23.4 }],
  channels: { now: 4, peak_today: 11, limit: 30 },
  last_call_at: at(-0.1),
  failure: null,
  alarms: [],
  test: {
    possible: true,
    why_not: null,
    words: {},
    running: false,
    number: "+3902",
    tests: [{ name: "main", number: "+3902", wrong: null }],
    last: null,
  },
};

const SILENT = { kind: "silent", since: at(-1), cause: "c", remedy: "r", words: {} } as const;

beforeEach(() => language.set("it"));

const states = (trunk: Trunk, link: Link = LINK) =>
  trunkChain(trunk, link, trunkWords(), NOW).map((one) => `${one.key} ${one.state}`);

describe("the chain of a trunk", () => {
  it("is whole while calls pass, and a test that was never made is no fault", () => {
    expect(states(TRUNK)).toEqual([
      "system ok",
      "registration ok",
      "contact ok",
      "calls ok",
      "test off",
    ]);
  });

  it("names the first step that fails", () => {
    const lost: Trunk = {
      ...TRUNK,
      state: "down",
      registration: { state: "rejected", server: "sip.example", since: at(-0.2), expires_at: null },
      contacts: [{ address: "sip:203.0.113.10", status: "unreachable", rtt_ms: null }],
    };
    const steps = trunkChain(lost, LINK, trunkWords(), NOW);
    expect(firstFailure(steps)?.key).toBe("registration");
    expect(steps[1]?.fact).toBe("registrazione rifiutata dalle 11:12");
  });

  it("says nothing of a trunk whose telephone system is not seen", () => {
    const down: Link = { ...LINK, phase: "down" };
    expect(states(TRUNK, down)).toEqual([
      "system bad",
      "registration off",
      "contact off",
      "calls off",
      "test off",
    ]);
    expect(costOf(TRUNK, down, [], trunkWords())[0]?.text).toContain("non si vedono");
  });

  it("does not ask an account of our own for a telephone system, nor an address for an account", () => {
    expect(states({ ...TRUNK, kind: "sip" })[0]).toBe("registration ok");
    expect(states({ ...TRUNK, registration: null })[1]).toBe("registration off");
  });

  it("shows a failure only until a call has passed after it", () => {
    const failure = { at: at(-1), code: 503, cause: "c", remedy: null, words: {} };
    const failed = { ...TRUNK, state: "down", failure, last_call_at: at(-2) } as const;
    const [, , , calls] = trunkChain(failed, LINK, trunkWords(), NOW);
    expect([calls?.state, calls?.fact]).toEqual(["bad", "errore 503, alle 10:24"]);
    expect(states({ ...failed, state: "up", last_call_at: at(-0.5) })[3]).toBe("calls ok");
  });

  it("counts silence as a fault and full channels as a warning", () => {
    expect(states({ ...TRUNK, alarms: [SILENT] })[3]).toBe("calls bad");
    expect(states({ ...TRUNK, channels: { now: 30, peak_today: 30, limit: 30 } })[3]).toBe(
      "calls warn",
    );
  });
});

it("the steps of a link end where it fails", () => {
  const of = (phase: Link["phase"]) =>
    linkChain({ ...LINK, phase }, trunkWords(), NOW).map((one) => one.state);
  expect(of("up")).toEqual(["ok", "ok", "ok", "ok"]);
  expect(of("refused")).toEqual(["ok", "bad", "off", "off"]);
  expect(of("down")).toEqual(["bad", "off", "off", "off"]);
  expect(of("syncing")).toEqual(["ok", "ok", "warn", "off"]);
});

it("evidence gives each fact, and who else works is named among the costs", () => {
  const down: Trunk = { ...TRUNK, state: "down" };
  expect(
    spaced(
      evidenceOf(TRUNK, trunkWords(), NOW)
        .map((one) => one.text)
        .join(" "),
    ),
  ).toBe(
    "Registrazione presso sip.example:5060: registrata. sip:203.0.113.10 risponde in 23 ms. " +
      "L’ultima chiamata è passata alle 11:18.",
  );
  const others = [
    { ...TRUNK, name: "backup" },
    { ...down, name: "old" },
  ];
  const costs = costOf(down, LINK, others, trunkWords()).map((one) => one.text);
  expect(costs).toContain("Le altre linee funzionano: backup");
  expect(costOf(TRUNK, LINK, others, trunkWords())).toEqual([]);
});

it("a period is said in one sentence, and never as whole if something failed in it", () => {
  const frame = { from: NOW - 100_000 * HOUR, to: NOW };
  const words = { cause: null, remedy: null, words: {} };
  const states = [
    { at: at(-100_000), until: at(-1), state: "up" as const, ...words },
    { at: at(-1), until: null, state: "down" as const, ...words },
  ];
  const point = { at: at(-2), rtt_ms: null, channels: 1, calls: 12_345, failed: 1 };
  const history = { step_s: 300, states, points: [point] };
  expect(spaced(summaryOf(history, frame, trunkWords().history))).toBe(
    "In funzione per il 99,9 % del tempo osservato. Chiamate 12.345, non riuscite 1.",
  );
});

it("what needs somebody stands first", () => {
  const list = [
    { ...TRUNK, name: "a" },
    { ...TRUNK, name: "b", state: "down" as const },
    { ...TRUNK, name: "c", alarms: [SILENT] },
  ];
  expect(byUrgency(list).map((one) => one.name)).toEqual(["c", "b", "a"]);
});

it("a trunk is found by its whole name, by its own only if no other has it", () => {
  const twin = { ...TRUNK, pbx: "branch" };
  expect(findTrunk([TRUNK, twin], "branch:carrier")).toBe(twin);
  expect(findTrunk([TRUNK, twin], "carrier")).toBeNull();
  expect(findTrunk([TRUNK], "carrier")).toBe(TRUNK);
  const odd = { ...TRUNK, name: "100 % / a?#" };
  expect(findTrunk([TRUNK, odd], decodeURI(trunkPath(odd).slice("/trunks/".length)))).toBe(odd);
});

it("a round trip is that of an address that answers", () => {
  const lost = { address: "sip:a", status: "unreachable", rtt_ms: 1 } as const;
  expect(roundTrip({ ...TRUNK, contacts: [lost, ...TRUNK.contacts] })).toBe(23.4);
  expect(roundTrip({ ...TRUNK, contacts: [lost] })).toBeNull();
});

it("times have their preposition", () => {
  const one = new Date(2026, 10, 22, 1, 5).toISOString();
  const old = new Date(2026, 10, 2, 9, 40).toISOString();
  expect([atTime(at(0), NOW), atTime(one, NOW), atTime(at(-24), NOW)]).toEqual([
    "alle 11:24",
    "all’1:05",
    "ieri alle 11:24",
  ]);
  expect([sinceTime(at(0), NOW), sinceTime(one, NOW), sinceTime(at(-24), NOW)]).toEqual([
    "dalle 11:24",
    "dall’1:05",
    "da ieri",
  ]);
  expect(sinceTime(old, NOW)).toBe("dal 2 nov");
  language.set("en");
  expect([atTime(one, NOW), sinceTime(at(-24), NOW)]).toEqual(["at 1:05", "since yesterday"]);
});

describe("an alarm that is on", () => {
  const TESTED = { ...SILENT, kind: "test", cause: "nobody answers", remedy: "look" } as const;
  const ill: Trunk = { ...TRUNK, state: "degraded", cause: "slow", remedy: "cable" };

  it("of a test hides nothing that the state says itself, which comes first", () => {
    const told = toldOf({ ...ill, alarms: [TESTED, SILENT] });
    expect(told.map((one) => one.cause)).toEqual(["c", "slow", "nobody answers"]);
    expect(toldOf({ ...TRUNK, alarms: [TESTED] })).toEqual([TESTED]);
  });

  it("is not said twice where the state says the same", () => {
    const down = { ...SILENT, kind: "down", cause: "refused" } as const;
    expect(toldOf({ ...ill, state: "down", alarms: [down] })).toEqual([down]);
    expect(toldOf({ ...ill, cause: "c", alarms: [SILENT] })).toEqual([SILENT]);
  });

  it("is listed as going on, but for one that a state which lasts tells of", () => {
    const down = { ...SILENT, kind: "down", cause: "refused" } as const;
    const state = { ...SILENT, state: "down", at: at(-2), cause: "refused at first" } as const;
    const alarmed = { ...TRUNK, alarms: [down, TESTED] };
    expect(runningOf(alarmed, [])).toEqual([down, TESTED]);
    expect(runningOf(alarmed, [{ ...state, until: null }])).toEqual([TESTED]);
    expect(runningOf(alarmed, [{ ...state, until: at(-1) }])).toEqual([down, TESTED]);
  });
});

describe("test calls", () => {
  const run = (id: string, hours: number, person: number | null, more: Partial<TestRun> = {}) =>
    ({
      id,
      test: "main",
      state: "passed",
      started_at: at(hours),
      seconds: { post_dial_delay: 1, ring: 2, to_answer: 3, to_person: person, talk: null },
      changes: [],
      ...more,
    }) as unknown as TestRun;

  it("are compared with earlier ones of the same script that did not fail", () => {
    const now = run("n", 0, 30);
    const all = [
      now,
      run("a", -1, 10),
      run("b", -2, 12),
      run("c", -3, 99, { state: "failed" }),
      run("d", -4, 99, { test: "night" }),
    ];
    expect(usual(before(all, now), "to_person")).toBe(11);
    expect(usual([run("a", -1, 10)], "to_person")).toBeNull();
  });

  it("show the time to a person where there is one", () => {
    expect(trendOf([run("a", 0, null), run("b", -1, 9)])).toBe("to_person");
    expect(trendOf([run("a", 0, null)])).toBe("to_answer");
  });

  it("never run again once they have ended, whatever comes late", () => {
    const over = run("a", 0, 9);
    const late = run("a", 0, null, { state: "running" });
    expect(withRun([over], late)).toEqual([over]);
    expect(withRun([late], over)).toEqual([over]);
    expect(withRun([over], run("b", 1, 9))?.map((one) => one.id)).toEqual(["b", "a"]);
  });

  it("are named where there are several tests, or were", () => {
    const one = TRUNK.test.tests;
    expect(areNamed(one, [run("a", 0, 9), run("b", -1, 9)])).toBe(false);
    expect(areNamed(one, [run("a", 0, 9), run("b", -1, 9, { test: "night" })])).toBe(true);
    expect(areNamed([...one, { name: "night", number: "+3902", wrong: null }], [])).toBe(true);
  });

  it("keep the chain red while one of them is wrong, whatever another did since", () => {
    const alarms = [{ ...SILENT, kind: "test" as const, since: at(-2) }];
    const of = (last: TestRun | null, wrong: "failed" | "changed", others = 1) => {
      const day = { name: "day", number: "+3902", wrong: null };
      const tests = [...(others ? [day] : []), { ...day, name: "night", wrong }];
      const trunk: Trunk = { ...TRUNK, alarms, test: { ...TRUNK.test, tests, last } };
      const step = trunkChain(trunk, LINK, trunkWords(), NOW).at(-1);
      return [step?.state, step?.fact];
    };
    const day = run("d", -1, 9, { test: "day" });
    const night = run("n", -2, null, { test: "night", state: "failed" });
    expect(of(day, "failed")).toEqual(["bad", "night: non riuscita dalle 9:24"]);
    expect(of(day, "changed")).toEqual(["warn", "night: riuscita, ma diversa dalle 9:24"]);
    expect(of(night, "failed")).toEqual(["bad", "night: non riuscita alle 9:24"]);
    expect(of({ ...night, state: "running" }, "failed", 0)).toEqual([
      "bad",
      "non riuscita dalle 9:24",
    ]);
  });

  it("say what is otherwise in words", () => {
    const { run: words } = trunkWords();
    const way = { what: "path", before: "menu:main > person", now: "-" };
    expect(changeText(way, words)).toBe(
      "Percorso: di solito menu main, persona; adesso nessun passo.",
    );
    const slow = { what: "to_person", before: "9.0 s", now: "28.5 s" };
    expect(spaced(changeText(slow, words))).toBe(
      "Fino a una persona: di solito 9,0 s, adesso 29 s.",
    );
  });
});
