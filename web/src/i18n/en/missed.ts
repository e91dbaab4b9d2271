import type { Words } from "..";

export const missed: Words["pages"]["missed"] = {
  title: "Customers to call back",
  lead: "One row per customer, not per call. It closes by itself as soon as somebody talks with them.",
  list: "List",
  all: "All",
  mine: "Mine",
  free: "Free",
  closed: "Closed",
  which: "Which customers",
  order: "Order: risk, promise, value, wait",
  customer: "Customer",
  why: "Why now",
  attempts: "Attempts",
  attemptsMade: (n) => (n === 1 ? "one attempt" : `${n} attempts`),
  since: "For",
  takenBy: "Taken by",
  action: "Action",
  call: "Call back",
  callWhom: (name) => `Call back ${name}`,
  take: "Take",
  giveBack: "Give back to the list",
  closesItself: "Closes by itself",
  talkingWith: (name) => `On the phone now with ${name}`,
  talking: "On the phone now",
  closedBySpeaking: "Talked with",
  closedAt: (time) => `Closed ${time}`,
  none: "No customer is waiting for a call back.",
  noneClosedToday: (n) => `No customer is waiting for a call back. Closed today: ${n}.`,
  noneMine: "No customer taken. Choose whom to call back under All.",
  noneFree: "Every customer of the list is already somebody’s.",
  noneClosed: "No customer closed in the last 30 days.",
  closedToday: "Closed today",
  withheld: (n, day) =>
    n === 1
      ? `One missed call with a withheld number since ${day}: it cannot be called back.`
      : `${n} missed calls with a withheld number since ${day}: they cannot be called back.`,
  reason: {
    at_risk: "At risk",
    promise_broken: "promise not kept",
    promise_due: (when) => `promise ${when}`,
    vip: "VIP customer",
    several_calls: (n) => `${n} calls without an answer`,
    message: "left a message",
    waited: (time) => `waited ${time} and hung up`,
    closed_hours: "called outside opening hours",
    missed: "call without an answer",
    busy: "found us busy",
    none: "to call back",
  },
  tried: (n) => (n === 1 ? "tried once without an answer" : `tried ${n} times without an answer`),
  first: {
    wait: "First: apologise for the wait",
    promise: "First: apologise for the promise not kept",
    due: "First: keep the promise",
    plain: "Call back when there is a moment",
  },
  sum: (n, time) =>
    n === 1
      ? `One attempt, ${time} of waiting, no answer.`
      : `${n} attempts, ${time} of waiting in all, no answer.`,
  sumClosed: (n) =>
    n === 1
      ? "One attempt outside opening hours: nobody could answer."
      : `${n} attempts outside opening hours: nobody could answer.`,
  someClosed: (n) => (n === 1 ? "One outside opening hours." : `${n} outside opening hours.`),
  openTime: "opening time",
  opens: (when) => `opens ${when}`,
  history: "Attempts and last contacts",
  noHistory: "The calls of this number stay with those who served the queue.",
  whichNumber: "Which number",
  moreNumbers: (n) => (n === 1 ? "One more number" : `${n} more numbers`),
  openCustomer: "Open the customer’s page",
  newContact: "New contact with this number",
  gone: "This customer is no longer on the list: somebody talked with them, or the call was not missed.",
  taken: "Taken.",
  givenBack: "Given back to the list.",
};
