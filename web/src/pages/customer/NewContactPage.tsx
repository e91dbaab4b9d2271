import { useSearchParams } from "wouter";
import { useT } from "../../i18n";
import { PageHead } from "../parts/Layout";
import { ContactForm } from "./ContactForm";
import { emptyDraft } from "./draft";

/** A new contact, with the number or name filled that one came with. */
export default function NewContactPage() {
  const { form } = useT().pages;
  const [params] = useSearchParams();
  const known = { name: params.get("name"), number: params.get("number") };
  return (
    <>
      <PageHead title={form.newTitle} />
      <ContactForm before={emptyDraft(known)} contact={null} />
    </>
  );
}
