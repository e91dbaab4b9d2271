import { beforeEach, describe, expect, it } from "vitest";
import type {
  CallRecord,
  DirectoryEntry,
  MissedCustomer,
  Promised,
  TimelineItem,
} from "../api/shapes";
import { t } from "../i18n";
import { language } from "../i18n/language";
import { groups } from "./calls/CallRows";
import { queryOf } from "./calls/CallsPage";
import { doubtsOf, lacksWrapUp, otherName, saidOf } from "./calls/said";
import { bodyOf, changesOf, draftOf, emptyDraft, kindOf } from "./customer/draft";
import { entryOf, isFriction } from "./customer/entry";
import { missedInARow } from "./customer/situation";
import { askedNumber } from "./DialPage";
import { opensAt, talkingCall, waitingFor, whyNow } from "./missed/why";
import { byDay } from "./parts/Thread";
import { presenceOf } from "./people/presence";
import { grouped } from "./promises/PromisesPage";

const NOW = new Date(2026, 10, 19, 11, 24).getTime();
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
const spaced = (text: string) => text.replace(/\u00a0/g, " ");

const ITEM = {
  kind: "call",
  id: "1",
  at: at(-1),
  channel: "call",
  direction: "inbound",
  who: [],
  live: false,
  missed: false,
  outcome: "answered",
  queue: "Assistenza",
  line: null,
  wait_s: null,
  talk_s: null,
  subject: null,
  text: null,
  url: null,
  wrap_ups: [],
  promise: null,
  readable: true,
} as unknown as TimelineItem;

const CALL = {
  id: "c",
  direction: "inbound",
  state: "ended",
  outcome: "answered",
  complete: true,
  end: "seen",
  ended_by: "caller",
  answered_by: "1001",
  answered_at: at(-1),
  started_at: at(-1),
  caller: { number: "0612345678", e164: "+390612345678", name: null, presentation: "allowed" },
  called: { number: "029999", e164: null },
  contact: null,
  seconds: { ring: 4, wait: 250, talk: 60, hold: 0, ivr: null },
  wrap_ups: [],
} as unknown as CallRecord;

const MISSED = {
  id: "m",
  state: "open",
  contact: null,
  number: "+390612345678",
  reasons: ["waited"],
  attempts: 1,
  tried: 0,
  longest_wait_s: 160,
  last_outcome: "abandoned",
  promise: null,
} as unknown as MissedCustomer;

const PROMISE = {
  id: "p",
  state: "open",
  due_at: at(1),
  text: "Preventivo",
  assignee: null,
} as Promised;
const words = () => t().pages;
const entry = (change: Partial<TimelineItem>) =>
  entryOf({ ...ITEM, ...change }, { words: words(), now: NOW, nameOf: (login) => login });

beforeEach(() => language.set("it"));

describe("why a customer is to be called back", () => {
  it("says the wait, and what of ours did not reach them", () => {
    expect(whyNow(MISSED, NOW, words()).text).toBe("Ha atteso 2:40 e riagganciato");
    expect(whyNow({ ...MISSED, tried: 2 }, NOW, words()).text).toContain("cercato 2 volte");
  });

  it("proves a risk by the attempts and puts a promise first in red", () => {
    const night = whyNow({ ...MISSED, reasons: ["closed_hours"] }, NOW, words());
    expect(night.text).toBe("Ha chiamato a uffici chiusi");
    const risk = whyNow({ ...MISSED, reasons: ["at_risk"], attempts: 3 }, NOW, words());
    expect(risk).toMatchObject({ tone: "risk", text: "A rischio, 3 tentativi" });
    const broken = whyNow({ ...MISSED, reasons: ["promise_broken", "waited"] }, NOW, words());
    expect(broken.text).toBe("Promessa non mantenuta, ha atteso 2:40 e riagganciato");
  });

  it("says when a promise is due", () => {
    const due = whyNow({ ...MISSED, reasons: ["promise_due"], promise: PROMISE }, NOW, words());
    expect(spaced(due.text)).toBe("Promessa 12:24, tra 1 h 00");
  });

  it("knows who talks with them by contact, else by number, and only once answered", () => {
    const live = { ...CALL, state: "live" } as CallRecord;
    expect(talkingCall(MISSED, new Map([["c", live]]))).toBe(live);
    expect(talkingCall(MISSED, new Map([["c", { ...live, answered_at: null }]]))).toBeNull();
  });
});

describe("entries of the thread", () => {
  it("quote what a colleague noted and keep the outcome they said", () => {
    const said = { agent: "anna", disposition: "Risolto", note: "Storno fatto", at: at(-1) };
    const shown = entry({
      wrap_ups: [said],
      talk_s: 398,
      who: [{ extension: "1001", logins: ["anna"] }],
    });
    expect(shown).toMatchObject({
      quoted: true,
      title: "Storno fatto",
      tag: "Risolto",
      by: "anna",
    });
    expect(spaced(shown.sub)).toContain("6 min 38 s di conversazione");
  });

  it("say what the customer lived when nobody answered", () => {
    const shown = entry({ missed: true, outcome: "abandoned", wait_s: 250 });
    expect(shown).toMatchObject({
      tone: "risk",
      title: "Ha riagganciato dopo 4:10 di attesa",
      by: "nessuno",
    });
    expect(entry({ missed: true, outcome: "abandoned" }).title).toContain("prima della risposta");
  });

  it("count unanswered calls only since somebody talked with them", () => {
    const lost = { ...ITEM, missed: true, outcome: "missed" } as TimelineItem;
    const mail = { ...ITEM, kind: "interaction" } as TimelineItem;
    expect(missedInARow([lost, mail, lost, ITEM, lost])).toBe(2);
    expect([lost, ITEM].filter(isFriction)).toEqual([lost]);
  });

  it("blame nobody for a call that came while nobody was there", () => {
    const night = { ...ITEM, missed: true, outcome: "missed", closed_hours: true } as TimelineItem;
    expect(isFriction(night)).toBe(false);
    expect(missedInARow([night, ITEM])).toBe(0);
    const shown = entry({ missed: true, outcome: "missed", closed_hours: true });
    expect(shown.tone).toBeUndefined();
    expect(shown.sub).toContain("a uffici chiusi");
  });

  it("stand under their day", () => {
    const days = byDay([ITEM, { ...ITEM, id: "2" }, { ...ITEM, id: "3", at: at(-48) }]);
    expect(days.map((one) => one.items.length)).toEqual([2, 1]);
  });
});

describe("opening hours", () => {
  const hours = {
    calendar: "office",
    closed_attempts: 1,
    at: at(0),
    open: true,
    changes_at: at(1),
    open_s: 600,
  };

  it("let time pass only while somebody is there", () => {
    const item = { ...MISSED, last_at: at(-9), hours } as MissedCustomer;
    expect(waitingFor(item, NOW + 60_000)).toBe(660_000);
    expect(waitingFor(item, NOW + 5 * 3_600_000)).toBe(4_200_000);
    expect(waitingFor({ ...item, hours: { ...hours, open: false } }, NOW + 60_000)).toBe(600_000);
    expect(waitingFor({ ...item, hours: null }, NOW)).toBe(9 * 3_600_000);
  });

  it("say when somebody comes, to whom nobody could have answered yet", () => {
    const night = { ...hours, open: false, open_s: 0 };
    expect(opensAt({ ...MISSED, hours: night } as MissedCustomer, NOW)).toBe(at(1));
    expect(opensAt({ ...MISSED, hours } as MissedCustomer, NOW)).toBeNull();
    expect(opensAt(MISSED, NOW)).toBeNull();
  });
});

describe("calls", () => {
  it("say who answered and who hung up, and what is not known", () => {
    expect(saidOf(CALL, words(), (one) => one)).toBe("1001 ha risposto. Ha chiuso chi chiamava.");
    expect(saidOf({ ...CALL, outcome: null }, words(), String)).toContain("non è noto");
    expect(doubtsOf({ ...CALL, complete: false, end: "unseen" }, words())).toHaveLength(2);
    expect(doubtsOf(CALL, words())).toEqual([]);
  });

  it("never show a maybe under a person's name", () => {
    const contact = { id: "1", ref: null, name: "Marta", match: "several", crm: null, url: null };
    const several = { ...CALL, contact } as CallRecord;
    expect(spaced(otherName(several, words()))).toBe("+39 06 1234 5678");
    const certain = { ...several, contact: { ...contact, match: "exact" } } as CallRecord;
    expect(otherName(certain, words())).toBe("Marta");
  });

  it("lack an outcome until the one who was there says it", () => {
    const said = { agent: "anna", disposition: "Risolto", note: null, at: at(0) };
    expect(lacksWrapUp(CALL, "anna")).toBe(true);
    expect(lacksWrapUp({ ...CALL, wrap_ups: [said] }, "anna")).toBe(false);
    expect(lacksWrapUp({ ...CALL, state: "live" }, "anna")).toBe(false);
  });

  it("stand in one order with the times in which none were seen", () => {
    const gap = {
      id: "g",
      pbx: "hq",
      from: at(-2),
      to: at(-1.5),
      source: null,
      recovered: 0,
      unknown: true,
    };
    const older = { ...CALL, id: "d", started_at: at(-3) } as CallRecord;
    const [today] = groups([CALL, older], [gap]);
    expect(today?.entries.map((one) => one.id)).toEqual(["c", "g", "d"]);
  });

  it("are asked for by whole local days", () => {
    const asked = queryOf({ from: "2026-11-18", to: "2026-11-18", number: " " });
    expect(Date.parse(asked.to ?? "") - Date.parse(asked.from ?? "")).toBe(86_400_000);
    expect(asked).not.toHaveProperty("number");
  });
});

describe("what people write", () => {
  it("goes out without empty numbers, and an edit sends only what it changes", () => {
    const before = emptyDraft({ number: "06 1234" });
    expect(bodyOf(before).numbers).toEqual([{ number: "06 1234", label: "added" }]);
    expect(bodyOf(emptyDraft({})).numbers).toEqual([]);
    expect(changesOf(before, { ...before, vip: true })).toEqual({ vip: true });
  });

  it("shows the extension behind a number, so that it can be changed", () => {
    const contact = {
      tags: [],
      numbers: [
        { number: "06 1234 23", extension: "23", label: "phone", e164: null },
        { number: "06 1234 Int. 24", extension: "24", label: "phone", e164: null },
        { number: "06 1234", extension: null, label: "home", e164: null },
      ],
    } as unknown as DirectoryEntry;
    const draft = draftOf(contact);
    expect(bodyOf(draft).numbers).toEqual([
      { number: "06 1234 23 int. 23", label: "phone" },
      { number: "06 1234 Int. 24", label: "phone" },
      { number: "06 1234", label: "home" },
    ]);
    expect(draft.numbers.map((one) => one.label)).toEqual(["", "", "home"]);
  });

  it("says in words what an import labelled by its columns", () => {
    const kinds = words().customer.numberKinds;
    const said = ["phone", "phone2", "added", "mobile3", "home", "Sala riunioni 2"];
    expect(said.map((label) => kindOf(label, kinds))).toEqual([
      "",
      "",
      "",
      "cellulare",
      "casa",
      "Sala riunioni 2",
    ]);
  });

  it("is dialled from an address only if it is a number", () => {
    expect(askedNumber("tel:+39%20 06-123;ext=4")).toBe("+39  06-123");
    expect(askedNumber("+390612345678")).toBe("+390612345678");
    expect(askedNumber("javascript:alert(1)")).toBeNull();
    expect(askedNumber("tel:%E0%A4%A")).toBeNull();
    expect(askedNumber(null)).toBeNull();
  });
});

describe("promises and presence", () => {
  it("puts promises under late, today and later, without empty groups", () => {
    const items = [
      { ...PROMISE, due_at: at(-1) },
      { ...PROMISE, due_at: at(40) },
    ];
    const found = grouped(items, NOW, { overdue: "late", today: "today", later: "later" });
    expect(found.map((one) => one.title)).toEqual(["late", "later"]);
  });

  it("is on a break only if every queue is left", () => {
    const member = (paused: boolean) => ({ paused, pause_reason: "Pranzo", paused_since: null });
    const served = (...all: boolean[]) =>
      all.map((one) => ({ queue: {}, member: member(one) })) as unknown as Parameters<
        typeof presenceOf
      >[0];
    expect(presenceOf(served(true, true))).toMatchObject({ kind: "paused", reason: "Pranzo" });
    expect(presenceOf(served(true, false)).kind).toBe("available");
    expect(presenceOf([]).kind).toBe("direct");
  });
});
