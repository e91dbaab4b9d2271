import type { Words } from "..";

export const idle: Words["pages"]["idle"] = {
  ready: (extension) => `All ready, extension ${extension}`,
  readyNoPhone: "All ready, a phone is missing",
  lead: "At the next call the customer’s card appears here before you answer.",
  phoneOn: (extension) => `Phone ${extension} connected`,
  phoneOff: (extension) =>
    `Phone ${extension} not connected to the telephone system: switch it on or check the network`,
  phoneUnknown: (extension) =>
    `Phone ${extension}: the telephone system does not say whether it is connected`,
  phoneNone: "No extension: cards appear only with a phone",
  queuesIn: (queues) => `In queue ${queues}`,
  queuesPaused: (queues) => `In queue ${queues}, on break`,
  queuesNone: "In no queue: only direct calls ring",
  queuesUnknown: "Queues not known until the telephone system is connected",
  noticesOn: "Browser notifications on",
  noticesOff: "Browser notifications off: with another window in front the card is not seen",
  turnOn: "Turn on",
  sample: (extension) => `Try a sample call: call extension ${extension} from another phone`,
  choose: "Choose",
  state: "Ready",
  promises: "Promises to keep",
  missed: "Customers to call back",
  withoutOutcome: "Calls without an outcome",
  all: (n) => `All (${n})`,
  allMissed: (n) => `All (${n})`,
  linkDown: (pbx, time) => `Telephone system “${pbx}” not reachable since ${time}`,
  meanwhileTitle: "Meanwhile work like this",
  meanwhile: {
    search: "Find who is calling by name or number",
    note: "Write the note on their history",
    history: (time) => `Calls from ${time} on come into the history as soon as the link is back`,
  },
};
