import type { Words } from "..";

export const calls: Words["pages"]["calls"] = {
  title: "Calls",
  lead: "The calls you may see, the most recent first.",
  list: "List of calls",
  filters: "Filters",
  from: "From",
  to: "To",
  number: "Number",
  direction: "Direction",
  outcome: "Outcome",
  queue: "Queue",
  agent: "Colleague",
  any: "All",
  anyF: "All",
  apply: "Search",
  clear: "Clear the filters",
  mine: "Mine",
  noOutcome: "Outcome missing",
  which: "Which calls",
  who: "Who",
  when: "When",
  what: "What happened",
  with: "With",
  length: "Length",
  none: "No call. The first one appears here as soon as the phone rings.",
  noneFound: "No call with these filters.",
  noneWithout: "No call without an outcome in the last days.",
  notFound: "This call is not here, or only those who took part may see it.",
  merged: "This call became part of another.",
  openMerged: "Open the other",
  partial: "Incomplete",
  gap: (from, to, pbx) =>
    `From ${from} to ${to} telephone system “${pbx}” was not connected: calls may be missing here.`,
  gapRecovered: (n, from, to, pbx) =>
    n === 1
      ? `From ${from} to ${to} telephone system “${pbx}” was not connected. One call recovered later.`
      : `From ${from} to ${to} telephone system “${pbx}” was not connected. ${n} calls recovered later.`,
  gapOpen: (from, pbx) =>
    `Telephone system “${pbx}” has not been connected since ${from}: the calls of now are missing.`,
};
