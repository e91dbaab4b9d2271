import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { get, post } from "../../../api/client";
import { KEYS } from "../../../api/queries";
import { useLostAt } from "../../../api/wire";
import { language } from "../../../i18n/language";
import { useSetting } from "../../../i18n/setting";
import { useTrunkWords } from "../../../i18n/trunks";
import { Badge } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { PageHead, Panel } from "../../parts/Layout";
import { Empty, Failed, Refusal, useReason } from "../../parts/Notice";
import parts from "../../parts/parts.module.css";
import type { TrunkForms, TrunkProvider } from "../types";
import { type Draft, mistakesOf, valuesOf } from "./draft";
import { Fields } from "./Fields";
import style from "./Form.module.css";
import { Rendered } from "./Rendered";

/** A trunk's configuration as text to install on the telephone system; nothing is written there. */
export default function ConfigurePage() {
  const { form } = useTrunkWords();
  const found = useQuery({
    queryKey: [...KEYS.trunks, "providers"],
    queryFn: ({ signal }) => get("/api/v1/trunks/providers", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const forms = found.data;
  return (
    <>
      <PageHead title={form.title} lead={form.lead}>
        <Link href="/trunks">{form.back}</Link>
      </PageHead>
      {found.isError && !forms && (
        <Panel label={form.title}>
          <Failed error={found.error} retry={() => void found.refetch()} />
        </Panel>
      )}
      {forms && (forms.pbxs.length === 0 || forms.items.length === 0) && (
        <Panel label={form.title}>
          <Empty>{form.nothing}</Empty>
        </Panel>
      )}
      {forms && forms.pbxs.length > 0 && forms.items.length > 0 && <Whole forms={forms} />}
    </>
  );
}

/** The template to begin with: most trunks register. */
function usualOf({ items }: TrunkForms): string {
  return (items.find((one) => one.admission === "registration") ?? items[0])?.id ?? "";
}

function Whole({ forms }: { forms: TrunkForms }) {
  const { form } = useTrunkWords();
  const lost = useLostAt() !== null;
  const reason = useReason();
  const [pbx, setPbx] = useState(forms.pbxs[0] ?? "");
  const [chosen, setChosen] = useState(usualOf(forms));
  const [draft, setDraft] = useState<Draft>({});
  const [look, setLook] = useState(true);
  const provider = forms.items.find((one) => one.id === chosen);
  const made = useMutation({
    mutationFn: () =>
      post("/api/v1/trunks/render", {
        body: {
          pbx,
          ...(chosen === "" ? {} : { provider: chosen }),
          values: valuesOf(forms.fields, provider, draft),
          look,
        },
      }),
    retry: false,
  });
  const mistakes = mistakesOf(made.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    made.mutate();
  };
  const load = (name: string) => {
    const kept = forms.configured.find((one) => `${one.pbx}:${one.name}` === name);
    if (kept === undefined) return;
    setPbx(kept.pbx);
    setChosen(kept.provider);
    setDraft(kept.values);
  };
  return (
    <div className={style.whole}>
      <Panel label={form.form}>
        <form className={`${parts.form} ${parts.pad}`} onSubmit={submit} noValidate>
          <Choices forms={forms} pbx={pbx} onPbx={setPbx} onKept={load} />
          <label className={parts.field}>
            {form.provider}
            <select
              className={parts.input}
              value={chosen}
              onChange={(event) => setChosen(event.target.value)}
            >
              {chosen === "" && <option value="">{form.noTemplate}</option>}
              {forms.items.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.label}
                </option>
              ))}
            </select>
          </label>
          {provider && <About provider={provider} />}
          <Fields
            key={`${pbx}/${chosen}`}
            fields={forms.fields}
            provider={provider}
            draft={draft}
            mistakes={mistakes ?? {}}
            onChange={(name, value) => setDraft({ ...draft, [name]: value })}
          />
          <label className={parts.check}>
            <input
              type="checkbox"
              checked={look}
              onChange={(event) => setLook(event.target.checked)}
            />
            {form.look}
          </label>
          <div className={parts.row}>
            <Button type="submit" look="main" disabled={made.isPending || lost}>
              {form.render}
            </Button>
            {made.isPending && <span className="dim">{form.rendering}</span>}
          </div>
          {made.isError && <Refusal>{mistakes ? form.mistakes : reason(made.error)}</Refusal>}
        </form>
      </Panel>
      <div className={parts.detail}>
        {made.data ? (
          <Rendered key={made.submittedAt} made={made.data} />
        ) : (
          <Panel label={form.sections} title={form.sections}>
            <Empty>{form.empty}</Empty>
          </Panel>
        )}
      </div>
    </div>
  );
}

interface ChoicesProps {
  forms: TrunkForms;
  pbx: string;
  onPbx: (pbx: string) => void;
  onKept: (name: string) => void;
}

function Choices({ forms, pbx, onPbx, onKept }: ChoicesProps) {
  const { form } = useTrunkWords();
  return (
    <div className={parts.pair}>
      <label className={parts.field}>
        {form.pbx}
        <select className={parts.input} value={pbx} onChange={(event) => onPbx(event.target.value)}>
          {forms.pbxs.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      {forms.configured.length > 0 && (
        <label className={parts.field}>
          {form.kept}
          <select
            className={parts.input}
            defaultValue=""
            onChange={(event) => onKept(event.target.value)}
          >
            <option value="">{form.keptNone}</option>
            {forms.configured.map((one) => (
              <option key={`${one.pbx}:${one.name}`}>{`${one.pbx}:${one.name}`}</option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function About({ provider }: { provider: TrunkProvider }) {
  const { form } = useTrunkWords();
  const spoken = useSetting(language);
  return (
    <div className={style.provider}>
      <p>
        <Badge>{form.admission[provider.admission]}</Badge>{" "}
        <Badge tone={provider.tried ? "ok" : undefined}>
          {provider.tried ? form.tried : form.untried}
        </Badge>
      </p>
      {provider.notes.map((one) => (
        <p key={one.en}>{one[spoken]}</p>
      ))}
      {provider.sources.length > 0 && (
        <p className="mid">
          {form.sources}{" "}
          {provider.sources.map((one, index) => (
            <span key={one}>
              {index > 0 && ", "}
              {/^https:/.test(one) ? (
                <a href={one} target="_blank" rel="noopener noreferrer">
                  {new URL(one).hostname}
                </a>
              ) : (
                one
              )}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
