import type { Words } from "..";
import { call } from "./call";
import { calls } from "./calls";
import { form } from "./contactForm";
import { contactImport } from "./contactImport";
import { customer, customers, entry, situation } from "./customers";
import { idle } from "./idle";
import { missed } from "./missed";
import { people, presence } from "./people";
import { profile } from "./profile";
import { promises } from "./promises";

const common: Words["pages"]["common"] = {
  back: "Back to the list",
  more: "Show more",
  retry: "Try again",
  loadFailed: "The data could not be read.",
  staleSince: (time) => `Data of ${time}: the page is disconnected, it may have changed.`,
  nobody: "nobody",
  unknown: "not known",
  save: "Save",
  cancel: "Leave as it is",
  close: "Close",
  number: "Number",
  withheld: "Number withheld",
  notListed: "Not in the directory",
  language: {
    it: "Italian",
    en: "English",
  },
  formal: "Formal",
  informal: "First name",
  vip: "VIP",
  atRisk: "At risk",
  owner: (name) => `Owner ${name}`,
};

const fault: Words["pages"]["fault"] = {
  notFound: "This page is not here",
  notFoundLead:
    "The address is wrong or the page was removed. Search the customer above, or go back to the desk.",
  forbidden: "This page is not for your role",
  forbiddenLead: "The administrator can give the role it needs.",
  broken: "This part of the page has stopped",
  brokenLead: "Calls go on. Reload the page; if it happens again, tell the administrator.",
  reload: "Reload",
  home: "Back to the desk",
};

const dial: Words["pages"]["dial"] = {
  title: (number) => `Call ${number}`,
  lead: (extension) => `First phone ${extension} rings; the call goes out when you answer.`,
  ask: "Another page asks to call this number.",
  whose: "Find whose number this is",
  call: "Call",
  dont: "Do not call",
  none: "The address does not say which number to call.",
  calling: (extension) => `Phone ${extension} rings`,
  callingOwn: "The phone rings",
  unknown: "It is not certain that the call went out. Look at the phone before trying again.",
  unreachable: "The page is disconnected: no call went out.",
  button: (number) => `Call ${number}`,
};

export const pages = {
  common,
  fault,
  dial,
  missed,
  customers,
  customer,
  situation,
  entry,
  form,
  contactImport,
  calls,
  call,
  promises,
  people,
  presence,
  profile,
  idle,
};
