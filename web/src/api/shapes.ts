import type { components } from "./schema";

type Schemas = components["schemas"];

// The shapes that the daemon's OpenAPI document names; add a line when a page needs another.
export type Agent = Schemas["Agent"];
export type AgentPhone = Schemas["AgentPhone"];
export type CallRecord = Schemas["CallRecord"];
export type Contact = Schemas["Contact"];
export type Cue = Schemas["Cue"];
export type DirectoryEntry = Schemas["DirectoryEntry"];
export type Effect = Schemas["Effect"];
export type Frame = Schemas["Frame"];
export type Handoff = Schemas["Handoff"];
export type HandoffBody = Schemas["HandoffBody"];
export type Link = Schemas["Link"];
export type Me = Schemas["Me"];
export type MissedCustomer = Schemas["MissedCustomer"];
export type Phone = Schemas["Phone"];
export type Pop = Schemas["Pop"];
export type PopClosed = Schemas["PopClosed"];
export type Problem = Schemas["Problem"];
/** A promise; what the list and the answers add is not in every frame. */
export type Promised = Schemas["Promise"] & Partial<Pick<Schemas["TimedPromise"], "opens_at">>;
export type Queue = Schemas["Queue"];
export type SignedIn = Schemas["SignedIn"];
export type TimelineItem = Schemas["TimelineItem"];
export type Ways = Schemas["Ways"];
export type Trunk = Schemas["Trunk"];
export type WrapUp = Schemas["WrapUp"];
