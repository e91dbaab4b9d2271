import { call } from "./call";
import { calls } from "./calls";
import { form } from "./contactForm";
import { contactImport } from "./contactImport";
import { customer, customers, entry, situation } from "./customers";
import { idle } from "./idle";
import { missed } from "./missed";
import { people, presence } from "./people";
import { profile } from "./profile";
import { promises } from "./promises";

const common = {
  back: "Tornare all’elenco",
  more: "Mostrare altri",
  retry: "Riprovare",
  loadFailed: "Non è stato possibile leggere i dati.",
  staleSince: (time: string) =>
    `Dati delle ${time}: la pagina è scollegata, potrebbero essere cambiati.`,
  nobody: "nessuno",
  unknown: "non noto",
  save: "Salvare",
  cancel: "Lasciare com’è",
  close: "Chiudere",
  number: "Numero",
  withheld: "Numero nascosto",
  notListed: "Non in rubrica",
  language: {
    it: "Italiano",
    en: "Inglese",
  },
  formal: "Dare del Lei",
  informal: "Dare del tu",
  vip: "VIP",
  atRisk: "A rischio",
  owner: (name: string) => `Referente ${name}`,
};

const fault = {
  notFound: "Questa pagina non c’è",
  notFoundLead:
    "L’indirizzo è sbagliato o la pagina è stata tolta. Cercare il cliente in alto, o tornare alla scrivania.",
  forbidden: "Questa pagina non è per il ruolo in uso",
  forbiddenLead: "L’amministratore può dare il ruolo che serve.",
  broken: "Questa parte della pagina si è fermata",
  brokenLead:
    "Le telefonate continuano. Ricaricare la pagina; se succede ancora, dirlo all’amministratore.",
  reload: "Ricaricare",
  home: "Tornare alla scrivania",
};

const dial = {
  title: (number: string) => `Chiamare ${number}`,
  lead: (extension: string) =>
    `Squilla prima il telefono ${extension}; alla risposta parte la chiamata.`,
  ask: "Un’altra pagina chiede di chiamare questo numero.",
  whose: "Cercare di chi è questo numero",
  call: "Chiamare",
  dont: "Non chiamare",
  none: "L’indirizzo non dice quale numero chiamare.",
  calling: (extension: string) => `Squilla il telefono ${extension}`,
  callingOwn: "Squilla il telefono",
  unknown: "Non è certo che la chiamata sia partita. Guardare il telefono prima di riprovare.",
  unreachable: "La pagina è scollegata: nessuna chiamata è partita.",
  button: (number: string) => `Chiamare ${number}`,
};

/** The words of the pages: impersonal, infinitive for actions. */
export const pages = {
  common,
  fault,
  dial,
  missed,
  customers,
  customer,
  situation,
  entry,
  form,
  contactImport,
  calls,
  call,
  promises,
  people,
  presence,
  profile,
  idle,
};
