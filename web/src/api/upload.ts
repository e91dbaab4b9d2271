import { type Answer, baseHeaders, understood } from "./client";
import { Unreachable } from "./problem";

export type Imported = Answer<"post", "/api/v1/contacts/import">;

interface Sending {
  preview: boolean;
  signal: AbortSignal;
  /** Called with the share of the file that is gone, 0 to 1. */
  onSent: (share: number) => void;
}

/** Send a file of contacts; throws as `request` does. `fetch` does not tell how much has gone. */
export async function importContacts(file: File, sending: Sending): Promise<Imported> {
  const answer = await new Promise<Response>((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", `/api/v1/contacts/import?preview=${sending.preview}`);
    for (const [name, value] of baseHeaders()) asked.setRequestHeader(name, value);
    asked.setRequestHeader("Content-Type", /\.vcf$/i.test(file.name) ? "text/vcard" : "text/csv");
    asked.upload.onprogress = ({ loaded, total }) => sending.onSent(loaded / Math.max(1, total));
    asked.upload.onload = () => sending.onSent(1);
    asked.onload = () => resolve(new Response(asked.responseText, { status: asked.status }));
    asked.onerror = () => reject(new Unreachable());
    asked.onabort = () => reject(new Unreachable());
    sending.signal.addEventListener("abort", () => asked.abort());
    asked.send(file);
  });
  return understood<Imported>(answer);
}
