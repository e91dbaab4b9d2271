import { useT } from "../../i18n";
import { clock } from "../../i18n/format";
import { Icon } from "../../ui/Icon";
import style from "./Calls.module.css";
import type { Gap } from "./gaps";

/** A time without a link, between the calls: what may be missing, said plainly. */
export function GapRow({ gap }: { gap: Gap }) {
  const { calls } = useT().pages;
  const from = clock(gap.from, true);
  const to = gap.to === null ? null : clock(gap.to, true);
  const said =
    to === null
      ? calls.gapOpen(from, gap.pbx)
      : gap.unknown || gap.recovered === 0
        ? calls.gap(from, to, gap.pbx)
        : calls.gapRecovered(gap.recovered, from, to, gap.pbx);
  return (
    <li className={style.gap}>
      <Icon name="off" tone="warn" />
      <span>{said}</span>
    </li>
  );
}
