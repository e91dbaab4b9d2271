import type { components } from "../../api/schema";
import type { Trunk } from "../../api/shapes";

type Schemas = components["schemas"];

export type { Trunk };
export type TrunkState = Trunk["state"];
export type TrunkContact = Trunk["contacts"][number];
export type TestRun = Schemas["TrunkTest"];
export type TestStep = TestRun["steps"][number];
export type Measured = keyof TestRun["seconds"];
export type History = Schemas["TrunkHistory"];
export type Episode = Schemas["TrunkSpan"];
export type Point = Schemas["TrunkPoint"];

export type RenderedTrunk = Schemas["RenderedTrunkForm"];
export type TrunkCheck = Schemas["TrunkCheck"];
export type TrunkComparison = Schemas["TrunkComparison"];
export type TrunkField = Schemas["TrunkField"];
export type TrunkForms = Schemas["TrunkProviderPage"];
export type TrunkProvider = Schemas["TrunkProvider"];
export type TrunkValue = TrunkField["default"];

/** Why something is so, and what to do: English, and by language in `words`. */
export interface Said {
  cause: string | null;
  remedy: string | null;
  words?: Trunk["words"];
}
