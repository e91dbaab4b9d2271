import type { Words } from "..";

export const app: Words["app"] = {
  brand: "Filodiretto",
  skip: "Go to content",
  language: "Language",
  main: "Main",
  search: "Find a customer or dial a number",
  online: "Online",
  connecting: "Connecting",
  offline: "Disconnected",
  extension: (n) => `extension ${n}`,
  signOut: "Sign out",
  retry: "Try now",
  close: "Close",
  loading: "One moment",
};
