import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import { KEYS } from "../../api/queries";
import { useT } from "../../i18n";
import { PageHead } from "../parts/Layout";
import { Failed } from "../parts/Notice";
import { ContactForm } from "./ContactForm";
import { draftOf } from "./draft";

/** Changing a contact that is there. */
export default function EditContactPage({ id }: { id: string }) {
  const { form } = useT().pages;
  const found = useQuery({
    queryKey: [...KEYS.contacts, id],
    queryFn: ({ signal }) => get("/api/v1/contacts/{id}", { path: { id }, signal }),
    staleTime: 0,
  });
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  const contact = found.data;
  return (
    <>
      <PageHead title={form.editTitle(contact.name ?? contact.company ?? contact.id)} />
      <ContactForm key={contact.change} before={draftOf(contact)} contact={contact} />
    </>
  );
}
