export const calls = {
  title: "Chiamate",
  lead: "Le chiamate che si possono vedere, dalla più recente.",
  list: "Elenco delle chiamate",
  filters: "Filtri",
  from: "Dal",
  to: "Al",
  number: "Numero",
  direction: "Verso",
  outcome: "Esito",
  queue: "Coda",
  agent: "Collega",
  any: "Tutti",
  anyF: "Tutte",
  apply: "Cercare",
  clear: "Togliere i filtri",
  mine: "Le mie",
  noOutcome: "Manca l’esito",
  which: "Quali chiamate",
  who: "Chi",
  when: "Quando",
  what: "Che cosa è successo",
  with: "Con",
  length: "Durata",
  none: "Nessuna chiamata. La prima compare qui appena il telefono squilla.",
  noneFound: "Nessuna chiamata con questi filtri.",
  noneWithout: "Nessuna chiamata senza esito tra quelle degli ultimi giorni.",
  notFound: "Questa chiamata non c’è, o la può vedere solo chi vi ha preso parte.",
  merged: "Questa chiamata è diventata parte di un’altra.",
  openMerged: "Aprire l’altra",
  gap: (from: string, to: string, pbx: string) =>
    `Dalle ${from} alle ${to} il centralino «${pbx}» non era collegato: qui possono mancare delle chiamate.`,
  gapRecovered: (n: number, from: string, to: string, pbx: string) =>
    n === 1
      ? `Dalle ${from} alle ${to} il centralino «${pbx}» non era collegato. Una chiamata recuperata dopo.`
      : `Dalle ${from} alle ${to} il centralino «${pbx}» non era collegato. ${n} chiamate recuperate dopo.`,
  gapOpen: (from: string, pbx: string) =>
    `Dalle ${from} il centralino «${pbx}» non è collegato: le chiamate di adesso mancano.`,
};
