import type { Me } from "../../api/shapes";
import type { Words } from "../../i18n";
import type { Tone } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { presenceOf, type Served } from "../people/presence";
import type { Notices } from "../profile/notices";

/** One line of what is ready and what is missing. */
export interface Check {
  key: "phone" | "queues" | "notices" | "sample";
  done: boolean;
  icon: IconName;
  tone: Tone;
  text: string;
}

interface Known {
  extensions: Me["extensions"];
  served: readonly Served[];
  /** No telephone system is heard: its queues are not known, which is not the same as none. */
  blind: boolean;
  notices: Notices;
}

/** What a call needs to arrive here, each with what is the matter. */
export function checksOf(known: Known, words: Words["pages"]): Check[] {
  return [
    phone(known, words),
    queues(known, words),
    notices(known, words),
    sample(known, words),
  ].filter((one) => one !== null);
}

const good = (key: Check["key"], text: string): Check => ({
  key,
  done: true,
  icon: "ok",
  tone: "ok",
  text,
});
const missing = (key: Check["key"], text: string): Check => ({
  key,
  done: false,
  icon: "dash",
  tone: "dim",
  text,
});

function phone({ extensions }: Known, { idle }: Words["pages"]): Check {
  const [first] = extensions;
  if (first === undefined) return missing("phone", idle.phoneNone);
  const one = extensions.find((each) => each.registered) ?? first;
  if (one.registered) return good("phone", idle.phoneOn(one.extension));
  if (one.registered === false) {
    return { ...missing("phone", idle.phoneOff(one.extension)), icon: "risk", tone: "warn" };
  }
  return missing("phone", idle.phoneUnknown(one.extension));
}

function queues({ served, blind }: Known, { idle }: Words["pages"]): Check {
  const names = served.filter((one) => one.member !== null).map((one) => one.queue.queue);
  if (names.length === 0) return missing("queues", blind ? idle.queuesUnknown : idle.queuesNone);
  const list = names.join(", ");
  return presenceOf(served).kind === "paused"
    ? missing("queues", idle.queuesPaused(list))
    : good("queues", idle.queuesIn(list));
}

function notices(known: Known, { idle, profile }: Words["pages"]): Check {
  if (known.notices === "granted") return good("notices", idle.noticesOn);
  return missing(
    "notices",
    known.notices === "default" ? idle.noticesOff : profile.notices[known.notices],
  );
}

function sample({ extensions }: Known, { idle }: Words["pages"]): Check | null {
  const [first] = extensions;
  return first === undefined ? null : missing("sample", idle.sample(first.extension));
}
