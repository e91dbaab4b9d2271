export const idle = {
  ready: (extension: string) => `Tutto pronto, interno ${extension}`,
  readyNoPhone: "Tutto pronto, manca il telefono",
  lead: "Alla prossima chiamata la scheda del cliente appare qui prima che si risponda.",
  phoneOn: (extension: string) => `Telefono ${extension} collegato`,
  phoneOff: (extension: string) =>
    `Telefono ${extension} non collegato al centralino: accenderlo o controllare la rete`,
  phoneUnknown: (extension: string) =>
    `Telefono ${extension}: il centralino non dice se è collegato`,
  phoneNone: "Nessun interno: la scheda compare solo con un telefono",
  queuesIn: (queues: string) => `In coda ${queues}`,
  queuesPaused: (queues: string) => `In coda ${queues}, in pausa`,
  queuesNone: "In nessuna coda: squillano solo le chiamate dirette",
  queuesUnknown: "Code non note finché il centralino non è collegato",
  noticesOn: "Avvisi del browser accesi",
  noticesOff: "Avvisi del browser spenti: con un’altra finestra davanti la scheda non si vede",
  turnOn: "Attivare",
  sample: (extension: string) =>
    `Provare con una chiamata di esempio: chiamare l’interno ${extension} da un altro telefono`,
  choose: "Scegliere",
  state: "Pronti",
  promises: "Promesse da mantenere",
  missed: "Clienti da richiamare",
  withoutOutcome: "Chiamate senza esito",
  all: (n: number) => `Tutte (${n})`,
  allMissed: (n: number) => `Tutti (${n})`,
  linkDown: (pbx: string, time: string) => `Centralino «${pbx}» non raggiungibile dalle ${time}`,
  meanwhileTitle: "Intanto si può lavorare così",
  meanwhile: {
    search: "Cercare chi chiama per nome o numero",
    note: "Scrivere la nota sulla sua storia",
    history: (time: string) =>
      `Le chiamate delle ${time} e successive arrivano nella storia appena torna il collegamento`,
  },
};
