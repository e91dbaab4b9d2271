import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { KEYS } from "../../../api/queries";
import { type Imported, importContacts } from "../../../api/upload";
import { useLostAt } from "../../../api/wire";
import { say } from "../../../app/announcer";
import { useT } from "../../../i18n";
import { Button, buttonClass } from "../../../ui/Button";
import { PageHead, Panel } from "../../parts/Layout";
import { Refusal, useReason } from "../../parts/Notice";
import parts from "../../parts/parts.module.css";
import { Entries, Figures, Rows } from "./Report";
import { Underway } from "./Underway";

/** A file of contacts: chosen, shown what it would change, imported, and what became of each row. */
export default function ImportPage() {
  const { contactImport, common } = useT().pages;
  const [file, setFile] = useState<File | null>(null);
  const work = useImport();
  const lost = useLostAt() !== null;
  const reason = useReason();
  const report = work.data ?? null;
  const changes = report === null ? 0 : report.imported + report.updated;
  const choose = (chosen: File) => {
    setFile(chosen);
    work.send(chosen, true);
  };
  return (
    <>
      <PageHead title={contactImport.title} lead={contactImport.lead}>
        <Link className={buttonClass("quiet")} href="/contacts">
          {common.back}
        </Link>
      </PageHead>
      <Panel label={contactImport.file} title={file?.name ?? contactImport.file}>
        <div className={parts.pad}>
          <p className="mid">{contactImport.columns}</p>
          {file !== null && work.under !== null && <Underway name={file.name} {...work.under} />}
          {work.error !== null && <Refusal>{reason(work.error)}</Refusal>}
          <div className={parts.row}>
            {file !== null && report?.preview === true && changes > 0 && (
              <Button look="main" disabled={lost} onClick={() => work.send(file, false)}>
                {contactImport.start(changes)}
              </Button>
            )}
            {work.under === null ? (
              <Chooser first={file === null} disabled={lost} onFile={choose} />
            ) : (
              work.under.preview && <Button onClick={work.stop}>{contactImport.stop}</Button>
            )}
            {report?.preview === false && (
              <Link className={buttonClass()} href="/contacts">
                {contactImport.directory}
              </Link>
            )}
          </div>
        </div>
      </Panel>
      {report !== null && (
        <>
          <Figures report={report} />
          <Rows title={contactImport.refusals} rows={report.refusals} all={report.refused} />
          <Rows
            title={contactImport.oddities}
            lead={contactImport.oddLead}
            rows={report.oddities}
            all={report.warnings}
          />
          <Entries report={report} />
        </>
      )}
    </>
  );
}

interface ChooserProps {
  first: boolean;
  disabled: boolean;
  onFile: (file: File) => void;
}

function Chooser({ first, disabled, onFile }: ChooserProps) {
  const { contactImport } = useT().pages;
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={field}
        type="file"
        hidden
        accept=".csv,.txt,.tsv,.vcf,text/csv,text/vcard"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          // the same file once more, mended meanwhile, is a change too
          event.target.value = "";
          if (file !== undefined) onFile(file);
        }}
      />
      <Button
        look={first ? "main" : "plain"}
        disabled={disabled}
        onClick={() => field.current?.click()}
      >
        {first ? contactImport.choose : contactImport.another}
      </Button>
    </>
  );
}

interface Under {
  preview: boolean;
  share: number;
}

/** The one request under way, and what the last one answered. */
function useImport() {
  const { contactImport } = useT().pages;
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const stopping = useRef<AbortController | null>(null);
  const asked = useMutation({
    mutationFn: async ({ file, preview }: { file: File; preview: boolean }): Promise<Imported> => {
      const stop = new AbortController();
      stopping.current = preview ? stop : null;
      return importContacts(file, { preview, signal: stop.signal, onSent: setShare });
    },
    onSuccess: (report) => {
      const changes = report.imported + report.updated;
      say(report.preview ? contactImport.checked : contactImport.finished(changes));
      if (!report.preview) void client.invalidateQueries({ queryKey: KEYS.contacts });
    },
  });
  // nobody waits for a preview any more; an import that has begun is finished
  useEffect(() => () => stopping.current?.abort(), []);
  const under: Under | null = asked.isPending ? { preview: asked.variables.preview, share } : null;
  return {
    under,
    data: asked.data,
    error: asked.error,
    send: (file: File, preview: boolean) => {
      setShare(0);
      asked.mutate({ file, preview });
    },
    stop: () => {
      stopping.current?.abort();
      asked.reset();
    },
  };
}
