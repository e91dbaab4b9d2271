import { useMutation } from "@tanstack/react-query";
import { newKey, post } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { useDesk } from "../../api/store";
import { useLostAt } from "../../api/wire";
import { say } from "../../app/announcer";
import { useKey } from "../../app/keys";
import { useT } from "../../i18n";
import { phone } from "../../i18n/format";
import { Button, type Look } from "../../ui/Button";
import { Refusal } from "./Notice";
import style from "./parts.module.css";

/** Ring one's own phone, then dial; at most one call for each press, whatever breaks. */
export function useDial(number: string) {
  const { dial } = useT().pages;
  const extension = useDesk((state) => state.me?.extensions[0]?.extension ?? null);
  const rings = extension === null ? dial.callingOwn : dial.calling(extension);
  const asked = useMutation({
    mutationFn: (key: string) =>
      post("/api/v1/calls", { body: { to: number }, idempotencyKey: key }),
    onSuccess: (answer) => say(answer.state === "unknown" ? dial.unknown : rings),
    onError: (error) => say(words(error)),
    retry: false,
  });
  const words = (error: Error) =>
    error instanceof ApiProblem ? error.detail || error.title : dial.unknown;
  return {
    dial: () => asked.mutate(newKey()),
    pending: asked.isPending,
    /** What became of it; null before it was asked. */
    ringing: asked.isSuccess && asked.data.state !== "unknown" ? rings : null,
    refused: asked.isError
      ? words(asked.error)
      : asked.data?.state === "unknown"
        ? dial.unknown
        : null,
  };
}

interface DialButtonProps {
  number: string;
  /** The words on it; who listens also hears whom it calls. */
  label: string;
  whom: string;
  look?: Look;
  small?: boolean;
  full?: boolean;
  /** The key that does the same, for the one such button of a page. */
  hint?: string;
}

/** A button that calls somebody; a refusal stands under it in words. */
export function DialButton(props: DialButtonProps) {
  const { number, label, whom, look, small, full, hint } = props;
  const { dial, pending, ringing, refused } = useDial(number);
  const lost = useLostAt() !== null;
  useKey(hint ?? "D", dial, { off: hint === undefined || pending || lost });
  return (
    <span className={style.dial}>
      <Button
        icon="out"
        look={look}
        small={small}
        full={full}
        hint={hint}
        disabled={pending || lost}
        aria-label={`${label}: ${whom}`}
        onClick={dial}
      >
        {label}
      </Button>
      {ringing && <span className="dim">{ringing}</span>}
      {refused && <Refusal>{refused}</Refusal>}
    </span>
  );
}

/** A telephone number that can be called where it stands. */
export function PhoneNumber({ children: number }: { children: string }) {
  const words = useT().pages.dial;
  const { dial, pending, ringing, refused } = useDial(number);
  const lost = useLostAt() !== null;
  const may = useDesk((state) => state.me?.scopes.includes("calls:dial") ?? false);
  if (!may || number.endsWith("*")) return <span className="num">{phone(number)}</span>;
  return (
    <>
      <button
        type="button"
        className={`num ${style.number}`}
        disabled={pending || lost}
        aria-label={words.button(phone(number))}
        onClick={dial}
      >
        {phone(number)}
      </button>
      {ringing && <span className="dim"> {ringing}</span>}
      {refused && (
        <div>
          <Refusal>{refused}</Refusal>
        </div>
      )}
    </>
  );
}
