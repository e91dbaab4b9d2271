import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { KEYS } from "../api/queries";
import { useDesk, useMay, useMe } from "../api/store";
import { FirstDay } from "./idle/FirstDay";
import { LinksDown } from "./idle/LinksDown";
import { Today } from "./idle/Today";

const WHOLE_DAY = 86_400_000;

/** The desk while nobody calls: on the first day what will happen, later what is to be done. */
export default function Idle() {
  const me = useMe();
  const mayCalls = useMay("calls:read");
  const links = useDesk((state) => state.links);
  const down = [...links.values()].filter((one) => one.phase === "down" || one.phase === "refused");
  const past = useQuery({
    queryKey: [...KEYS.calls, "any", me.login],
    queryFn: ({ signal }) =>
      get("/api/v1/calls", { query: { agent: me.login, state: "ended", limit: 1 }, signal }),
    enabled: mayCalls,
    staleTime: WHOLE_DAY,
  });
  if (down.length > 0) return <LinksDown links={down} />;
  if (!mayCalls) return <FirstDay />;
  // nothing is shown until it is known which: the one must not be replaced by the other
  if (past.isPending) return null;
  return past.data?.items.length === 0 ? <FirstDay /> : <Today />;
}
