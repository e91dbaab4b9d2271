"""Why a mystery call is not made, in Italian.

English is in `runtime.mystery`, `mystery_begin` and `mystery_plans`; a test holds every sentence of
them to be here.
"""

from collections.abc import Mapping
from typing import Final

OF_TESTS: Final[Mapping[str, str]] = {
    "No test is configured for this trunk.": "Per questo trunk non è configurata nessuna prova.",
    "Write [trunk.test] below its [[trunk]] (docs/mystery-calls.md).": (
        "Scrivere [trunk.test] sotto il suo [[trunk]] (docs/mystery-calls.md)."
    ),
    "Nobody can place calls on this PBX.": "Su questo centralino nessuno può avviare chiamate.",
    "The PBX is not followed now: nobody would see what becomes of the call.": (
        "Il centralino ora non è seguito: nessuno vedrebbe che fine fa la chiamata."
    ),
    "Look at the state of the link, then try again.": (
        "Guardare lo stato del collegamento, poi riprovare."
    ),
    "This trunk was tested thirty times within an hour.": (
        "Questo trunk è stato provato trenta volte in un'ora."
    ),
    "Wait a while.": "Aspettare un po'.",
    "Nobody asks for this test any more.": "Nessuno chiede più questa prova.",
    "A test of this trunk is in progress.": "È in corso una prova di questo trunk.",
    "Wait until it is over.": "Aspettare che finisca.",
    "This trunk has no test of this name.": "Questo trunk non ha una prova con questo nome.",
    "Name one of its [[trunk.test]] tables, or none.": (
        "Indicare una delle sue tabelle [[trunk.test]], o nessuna."
    ),
    "This test is made only while it is open or closed, and no calendar says when that is.": (
        "Questa prova si fa solo ad apertura o chiusura, e nessun calendario dice quando."
    ),
    "Set trunk.test.calendar, the trunk's calendar, or that of [gateway].": (
        "Impostare trunk.test.calendar, il calendario del trunk o quello di [gateway]."
    ),
    "trunk.test.calendar is no calendar of the configuration.": (
        "trunk.test.calendar non è un calendario della configurazione."
    ),
    "Name one of the [[calendar]] tables.": "Indicare una delle tabelle [[calendar]].",
    "There is no such trunk in the configuration, or several have this name.": (
        "Nella configurazione questo trunk non c'è, o più d'uno ha questo nome."
    ),
    "Write it as PBX:NAME, as in its [[trunk]] table.": (
        "Scriverlo come CENTRALINO:NOME, come nella sua tabella [[trunk]]."
    ),
    "{} is not a number of ours.": "{} non è un numero nostro.",
    "Name it in [[line]] did or in [directory] own_numbers, whole with country code.": (
        "Indicarlo in [[line]] did o in [directory] own_numbers, intero con il prefisso del paese."
    ),
}
