import type { Link } from "../../api/shapes";
import type { TrunkWords } from "../../i18n/trunks";
import type { IconName } from "../../ui/icons";
import { decimal } from "./figures";
import { atTime, sinceTime } from "./times";
import type { Trunk, TrunkContact } from "./types";

export type StepState = "ok" | "warn" | "bad" | "off";

/** One step on the way of a call, with what is known of it. */
export interface Step {
  key: string;
  state: StepState;
  name: string;
  fact: string;
}

export const STEP_ICONS: Readonly<Record<StepState, IconName>> = {
  ok: "tick",
  warn: "risk",
  bad: "close",
  off: "dash",
};

export const isLinkUp = (link: Link | undefined) => link?.phase === "up";

/** The steps from our link to a call that was tried, in the order in which one needs the other. */
export function trunkChain(
  trunk: Trunk,
  link: Link | undefined,
  words: TrunkWords,
  now: number,
): Step[] {
  const blind = trunk.kind === "asterisk" && link !== undefined && !isLinkUp(link);
  const steps = [
    trunk.kind === "asterisk" ? systemStep(trunk, link, words, now) : null,
    registrationStep(trunk, words, now),
    contactStep(trunk, words),
    callsStep(trunk, words, now),
  ].filter((one) => one !== null);
  const seen = blind
    ? steps.map((one) => (one.key === "system" ? one : unseen(one, words)))
    : steps;
  return [...seen, testStep(trunk, words, now)];
}

/** The first step that fails; null if none does. */
export function firstFailure(steps: readonly Step[]): Step | null {
  return steps.find((one) => one.state === "bad") ?? null;
}

const unseen = (step: Step, words: TrunkWords): Step => ({
  ...step,
  state: "off",
  fact: words.chain.unseen,
});

function systemStep(
  trunk: Trunk,
  link: Link | undefined,
  { chain }: TrunkWords,
  now: number,
): Step {
  const step = { key: "system", name: chain.system };
  if (link === undefined) return { ...step, state: "off", fact: chain.unknown };
  return isLinkUp(link)
    ? { ...step, state: "ok", fact: chain.systemUp(trunk.pbx) }
    : { ...step, state: "bad", fact: chain.since(sinceTime(link.since, now)) };
}

function registrationStep(trunk: Trunk, { chain, registered }: TrunkWords, now: number): Step {
  const step = { key: "registration", name: chain.registration };
  const known = trunk.registration;
  if (known === null) return { ...step, state: "off", fact: chain.noRegistration };
  const { state } = known;
  const word = registered[state];
  if (state === "registered") {
    return {
      ...step,
      state: "ok",
      fact: known.since === null ? word : sinceTime(known.since, now),
    };
  }
  const since = known.since === null ? "" : ` ${sinceTime(known.since, now)}`;
  const looks = { rejected: "bad", unregistered: "bad", unknown: "off" } as const;
  return { ...step, state: looks[state], fact: `${word}${since}` };
}

/** Whether an address answers: null if nobody asks it. */
export function isReached(contact: TrunkContact): boolean | null {
  if (contact.status === "reachable") return true;
  return contact.status === "unreachable" ? false : null;
}

function contactStep({ contacts }: Trunk, { chain }: TrunkWords): Step {
  const step = { key: "contact", name: chain.contact };
  const reached = contacts.filter((one) => isReached(one) === true);
  const lost = contacts.filter((one) => isReached(one) === false);
  if (reached.length === 0) {
    return lost.length === 0
      ? { ...step, state: "off", fact: chain.notAsked }
      : { ...step, state: "bad", fact: chain.noAnswer };
  }
  if (lost.length > 0) {
    return { ...step, state: "warn", fact: chain.someAnswer(reached.length, contacts.length) };
  }
  const rtts = reached.flatMap((one) => (one.rtt_ms === null ? [] : [one.rtt_ms]));
  const fact = rtts.length === 0 ? chain.answers : chain.answersIn(milliseconds(Math.min(...rtts)));
  return { ...step, state: "ok", fact };
}

function callsStep(trunk: Trunk, { chain }: TrunkWords, now: number): Step {
  const step = { key: "calls", name: chain.calls };
  const { failure, channels, last_call_at: last } = trunk;
  if (trunk.alarms.some((one) => one.kind === "silent")) {
    return { ...step, state: "bad", fact: chain.silent };
  }
  if (failure !== null && (last === null || Date.parse(failure.at) > Date.parse(last))) {
    const at = atTime(failure.at, now);
    const fact = failure.code === null ? chain.failed(at) : chain.failedWith(failure.code, at);
    return { ...step, state: trunk.state === "up" ? "warn" : "bad", fact };
  }
  if (channels.limit !== null && channels.now >= channels.limit) {
    return { ...step, state: "warn", fact: chain.full(channels.now, channels.limit) };
  }
  if (last === null) return { ...step, state: "off", fact: chain.noCall };
  return { ...step, state: "ok", fact: chain.lastCall(atTime(last, now)) };
}

const TEST_STATES = { passed: "ok", changed: "warn", failed: "bad", running: "off" } as const;

function testStep({ test, alarms }: Trunk, { chain, run }: TrunkWords, now: number): Step {
  const step = { key: "test", name: chain.test };
  const { last, tests } = test;
  const several = tests.length > 1;
  const wrong = tests.filter((one) => one.wrong !== null);
  const alarm = alarms.find((one) => one.kind === "test");
  const isLast =
    (last?.state === "failed" || last?.state === "changed") &&
    wrong.every((one) => one.name === last.test);
  if (alarm !== undefined && !isLast) {
    // what passed since was another test
    const changed = wrong.length > 0 && wrong.every((one) => one.wrong === "changed");
    const state = changed ? "changed" : "failed";
    const said = `${run.state[state]} ${sinceTime(alarm.since, now)}`;
    const names = several ? wrong.map((one) => one.name).join(", ") : "";
    return { ...step, state: TEST_STATES[state], fact: names ? `${names}: ${said}` : said };
  }
  if (last === null) return { ...step, state: "off", fact: chain.noTest };
  const said = `${run.state[last.state]} ${atTime(last.started_at, now)}`;
  return {
    ...step,
    state: TEST_STATES[last.state],
    fact: several ? `${last.test}: ${said}` : said,
  };
}

const LINK_DOWN = new Set<Link["phase"]>(["down", "refused"]);

/** The steps of the link to a telephone system, as far as its phase tells them. */
export function linkChain(link: Link, { links }: TrunkWords, now: number): Step[] {
  const at = atTime(link.since, now);
  const step = (key: keyof typeof links.step, state: StepState, fact: string): Step => ({
    key,
    state,
    name: links.step[key],
    fact,
  });
  const later = (key: keyof typeof links.step) => step(key, "off", links.notReached);
  switch (link.phase) {
    case "up":
      return [
        step("connection", "ok", links.open),
        step("signIn", "ok", links.accepted),
        step("state", "ok", links.read),
        step("events", "ok", links.arrive),
      ];
    case "refused":
      return [
        step("connection", "ok", links.open),
        step("signIn", "bad", links.refusedAt(at)),
        later("state"),
        later("events"),
      ];
    case "syncing":
      return [
        step("connection", "ok", links.open),
        step("signIn", "ok", links.accepted),
        step("state", "warn", links.reading),
        later("events"),
      ];
    case "down":
      return [
        step("connection", "bad", links.lostAt(at)),
        later("signIn"),
        later("state"),
        later("events"),
      ];
    default:
      return [
        step("connection", "warn", links.trying),
        later("signIn"),
        later("state"),
        later("events"),
      ];
  }
}

export const isLinkDown = (link: Link) => LINK_DOWN.has(link.phase);

/** A round trip for people: 23 ms, 4,2 ms, 0,4 ms. */
export function milliseconds(value: number): string {
  return `${decimal(value, value < 10 ? 1 : 0)}\u00a0ms`;
}
