"""What people said and wrote before the demonstration begins; all of them are invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts in the language of the house; customers write in theirs.

    `handed_over`: reason, done, wants, said already.
    """

    queue: str
    crm: str
    support: str
    direct: str
    menu: str
    notes: Mapping[str, str]
    promised: Mapping[str, str]
    handed_over: tuple[str, str, str, str]
    written: Mapping[str, tuple[str, str]]


WORDS: Final[Mapping[str, Words]] = {
    "it": Words(
        queue="Assistenza",
        crm="CRM di prova",
        support="Assistenza clienti",
        direct="Linea diretta",
        menu="Centralino",
        notes={
            "marta": "Addebito doppio sulla fattura 2214, confermato in contabilità. Promessa la "
            "conferma dello storno entro ieri.",
            "mario": "Chiede un preventivo per 40 cerniere nere. Lo prepara Anna.",
            "james": "Consegna confermata per il 24. Vuole il tracking appena parte.",
            "verdi": "Informazioni sull'espositore: spedito il catalogo.",
            "emily": "Campioni arrivati, tutto bene.",
            "nicolo": "Sopralluogo spostato a marzo.",
        },
        promised={
            "marta": "Conferma dello storno, fattura 2214",
            "mario": "Preventivo per le cerniere nere",
            "verdi": "Disegni aggiornati dell'espositore",
        },
        handed_over=(
            "300 maniglie arrivate nel colore sbagliato",
            "Ordine trovato, errore nostro",
            "Sostituzione entro venerdì, altrimenti lo storno",
            "Numero d'ordine 8841",
        ),
        written={
            "marta": (
                "Fattura 2214: ancora nessuna risposta",
                "Ho atteso al telefono più di quattro minuti. Aspetto lo storno promesso.",
            ),
            "james": ("Order 8841: wrong colour", "Photos attached. Please call me today."),
            "verdi": ("Disegni dell'espositore", "Servono le misure aggiornate."),
            "mario": ("Visita in officina", "Mostrate le cerniere nere, molto interessato."),
        },
    ),
    "en": Words(
        queue="Support",
        crm="Demo CRM",
        support="Customer support",
        direct="Direct line",
        menu="Switchboard",
        notes={
            "marta": "Charged twice on invoice 2214, accounts confirm it. Promised to confirm the "
            "refund by yesterday.",
            "mario": "Wants a quote for 40 black hinges. Anna prepares it.",
            "james": "Delivery confirmed for the 24th. Wants the tracking number.",
            "verdi": "Asked about the display stand: catalogue sent.",
            "emily": "Samples arrived, all well.",
            "nicolo": "Inspection moved to March.",
        },
        promised={
            "marta": "Confirm the refund, invoice 2214",
            "mario": "Quote for the black hinges",
            "verdi": "New drawings of the display stand",
        },
        handed_over=(
            "300 handles came in the wrong colour",
            "Found the order, it is our mistake",
            "Replacement by Friday, else a refund",
            "Order number 8841",
        ),
        written={
            "marta": (
                "Fattura 2214: ancora nessuna risposta",
                "Ho atteso al telefono più di quattro minuti. Aspetto lo storno promesso.",
            ),
            "james": ("Order 8841: wrong colour", "Photos attached. Please call me today."),
            "verdi": ("Disegni dell'espositore", "Servono le misure aggiornate."),
            "mario": ("Visit to the workshop", "Saw the black hinges, very interested."),
        },
    ),
}
