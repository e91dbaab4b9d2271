"""What a file of contacts is answered, in Italian: why it, or a row of it, is not taken.

English is in `store.drafts`, `csv_source`, `csv_encoding` and `import_rows`; a test holds every
sentence of them to be here.
"""

from collections.abc import Mapping
from typing import Final

from gateway.store import csv_source, drafts

# Why a row is refused or odd, and what to do.
OF_ROWS: Final[Mapping[str, str]] = {
    drafts.NO_NUMBER: "nessun numero di telefono utilizzabile",
    "add a number: without one the entry is found by name only": (
        "aggiungere un numero: senza, la voce si trova solo per nome"
    ),
    drafts.NOT_YES_OR_NO: "vip o at_risk non è né sì né no; vale no",
    "write yes or no": "scrivere sì o no",
    drafts.NO_WEB_ADDRESS: "url non è un indirizzo http o https; tralasciato",
    "write an address that begins with https://": "scrivere un indirizzo che comincia con https://",
    drafts.TORN: "un carattere del nome non si legge",
    "correct it, or export the file again as UTF-8": (
        "correggerlo, o esportare di nuovo il file come UTF-8"
    ),
    drafts.NOBODY: "né nome né azienda",
    "write a name or a company": "scrivere un nome o un'azienda",
    drafts.LETTERS: "un numero di telefono contiene lettere",
    "write it in digits; as it is it is kept, and never matched": (
        "scriverlo in cifre; così com'è si conserva e non si riconosce mai"
    ),
    drafts.OTHER_DIGITS: "un numero di telefono ha cifre di un'altra scrittura",
    "write it with the digits 0 to 9; as it is it is kept, and never matched": (
        "scriverlo con le cifre da 0 a 9; così com'è si conserva e non si riconosce mai"
    ),
    drafts.TOO_LONG: "un numero di telefono ha più di 15 cifre",
    "correct it; as it is it is kept, and never matched": (
        "correggerlo; così com'è si conserva e non si riconosce mai"
    ),
    drafts.TOO_SHORT: "un interno o un numero breve non è di nessuno",
    "write the whole number, an extension behind it: 02 12345678 int. 12": (
        "scrivere il numero intero, seguito dall'interno: 02 12345678 int. 12"
    ),
    drafts.NOT_IN_PLAN: "un numero di telefono in questo paese non esiste",
    "write it with its country: +41 44 668 18 00; as it is it is a maybe at best": (
        "scriverlo con il paese: +41 44 668 18 00; così com'è è al massimo un forse"
    ),
    drafts.ABROAD: "un numero di telefono senza + è preso per uno di un altro paese",
    "if it is, write the + before it; if it is not, it has a digit too many or too few: "
    "correct it": (
        "se lo è, scrivere il + davanti; se non lo è, ha una cifra di troppo o di meno: correggerlo"
    ),
    drafts.ROUNDED: "un foglio di calcolo ha arrotondato un numero di telefono",
    "its digits are lost: export it again, with the column formatted as text": (
        "le cifre sono perse: esportare di nuovo, con la colonna in formato testo"
    ),
    drafts.NO_ZERO: "manca lo zero all'inizio di un numero di telefono",
    "a spreadsheet drops it unless the column is text; as it is it is a maybe at best": (
        "un foglio di calcolo lo toglie se la colonna non è testo; così com'è è al massimo un forse"
    ),
    drafts.WIDE_RANGE: "un arco comprende troppi numeri",
    "write more of it before the *": "scriverne di più prima di *",
    csv_source.UNREADABLE: "una cella è troppo lunga o le sue virgolette non sono chiuse",
    "correct it, or delete the row": "correggerla, o togliere la riga",
    csv_source.STRAY_QUOTE: "le virgolette di questa riga non sono chiuse",
    'delete the stray ", or write it twice within a cell in double quotes': (
        'togliere la " di troppo, o scriverla due volte in una cella tra virgolette'
    ),
    csv_source.TOO_MANY_CELLS: "la riga ha più celle dei nomi della prima riga",
    "put a cell that contains the delimiter in double quotes": (
        "mettere tra virgolette la cella che contiene il separatore"
    ),
    drafts.UNCLOSED: "la scheda non ha fine",
    "export it again: END:VCARD is missing": "esportarla di nuovo: manca END:VCARD",
    drafts.GROUP: "la scheda è un gruppo di persone",
    "nothing to do: its members have cards of their own": (
        "niente da fare: i suoi membri hanno schede proprie"
    ),
    drafts.TWICE: "una riga precedente di questo file è la stessa voce; vale quella",
    "give each entry an id of its own, or write all of its numbers into one row: phone2 …": (
        "dare a ogni voce un id proprio, o scriverne tutti i numeri in una riga: phone2 …"
    ),
    drafts.AWAY: "questa persona è stata cancellata e non deve tornare",
    "if they want to be known again: filodiretto privacy readmit NUMBER": (
        "se vuole tornare in rubrica: filodiretto privacy readmit NUMERO"
    ),
    drafts.TOO_MANY: "più di 50 numeri di telefono; gli altri sono tralasciati",
    "split the entry": "dividere la voce",
}

# Why a file is none of contacts.
_FILES: Final[Mapping[str, str]] = {
    "The first line of the file names no column that is known.": (
        "La prima riga del file non nomina nessuna colonna conosciuta."
    ),
    "Write the names of the columns in the first line, for example "
    "id;name;company;phone;mobile;email.": (
        "Scrivere nella prima riga i nomi delle colonne, per esempio "
        "id;nome;azienda;telefono;cellulare;email."
    ),
    "The file is JSON, not CSV.": "Il file è JSON, non CSV.",
    "Save the contacts as CSV, with the names of the columns in the first line, or as vCard.": (
        "Salvare i contatti come CSV, con i nomi delle colonne nella prima riga, o come vCard."
    ),
    "The file has no column of telephone numbers.": (
        "Il file non ha una colonna di numeri di telefono."
    ),
    "Name at least one column phone, phone2 or mobile (or telefono, cellulare) "
    "in the first line.": (
        "Chiamare almeno una colonna telefono, telefono2 o cellulare (o phone, mobile) "
        "nella prima riga."
    ),
    "The file is an Excel or OpenDocument workbook or a ZIP archive, not CSV.": (
        "Il file è una cartella di lavoro Excel o OpenDocument o un archivio ZIP, non CSV."
    ),
    "The file is an old Excel workbook, not CSV.": (
        "Il file è una cartella di lavoro Excel di vecchio tipo, non CSV."
    ),
    "The file is a PDF document, not CSV.": "Il file è un documento PDF, non CSV.",
    "The file is a gzip archive, not CSV.": "Il file è un archivio gzip, non CSV.",
    "The file is a database, not CSV.": "Il file è un database, non CSV.",
    "The file is binary, not CSV.": "Il file è binario, non CSV.",
    'Open it in a spreadsheet and save it as "CSV UTF-8 (delimited)".': (
        "Aprirlo in un foglio di calcolo e salvarlo come «CSV UTF-8 (delimitato)»."
    ),
    "The file is empty.": "Il file è vuoto.",
    "Export it again and look at the file.": "Esportarlo di nuovo e guardare il file.",
    "This is a folder, not a file.": "Questa è una cartella, non un file.",
    "Name a CSV file.": "Indicare un file CSV.",
    "There is no such file.": "Questo file non c'è.",
    "Check the path of the file.": "Controllare il percorso del file.",
    "The file cannot be read.": "Il file non si può leggere.",
    "Let the user who imports read the file.": "Permettere a chi importa di leggere il file.",
}

OF_IMPORT: Final[Mapping[str, str]] = {**OF_ROWS, **_FILES}
