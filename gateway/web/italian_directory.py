"""What the directory answers, and what any page is told that cannot be served, in Italian.

English is in `web.contacts`, `marks`, `problems`, `store.contact_edits` and `failures`; a test
holds every sentence of them to be here.
"""

from collections.abc import Mapping
from typing import Final

# `web.contacts`, `marks`, `callcontact`, `store.contact_edits`.
_ENTRIES: Final[Mapping[str, str]] = {
    "There is no such contact.": "Questo contatto non c'è.",
    "This entry is in the directory already.": "Questa voce è già in rubrica.",
    "Change the one that is there.": "Modificare quella che c'è.",
    "Change the one that is there, or give the new one an id of its own.": (
        "Modificare quella che c'è, o dare alla nuova un id proprio."
    ),
    "Its id: {}": "Il suo id: {}",
    "Somebody has changed this entry since it was read.": (
        "Qualcuno ha modificato questa voce da quando è stata letta."
    ),
    "Read it again, repeat the change.": "Rileggerla e rifare la modifica.",
    "Read it again and repeat the change.": "Rileggerla e rifare la modifica.",
    "There is no company with this company_id.": "Non c'è nessuna azienda con questo company_id.",
    "Create the company first, as an entry of kind company.": (
        "Creare prima l'azienda, come voce di tipo company."
    ),
    "An entry needs a name or a company.": "Una voce ha bisogno di un nome o di un'azienda.",
    "Delete the entry if nobody is to be known by it.": (
        "Eliminare la voce, se non deve più indicare nessuno."
    ),
    "Ask with q alone, or with number and company_id: q looks everywhere.": (
        "Chiedere con q da solo, o con number e company_id: q cerca dappertutto."
    ),
    "So many entries fit that the search takes too long.": (
        "Corrispondono così tante voci che la ricerca dura troppo."
    ),
    "Search for more letters or digits.": "Cercare con più lettere o cifre.",
    "The local copy of the directory is being made.": (
        "La copia locale della rubrica è in preparazione."
    ),
    "Try again.": "Riprovare.",
    "This is a withheld number, an extension or a short code: nobody can be chosen for it.": (
        "È un numero nascosto, un interno o un codice breve: per questo non si sceglie nessuno."
    ),
    "This would ignore a whole country, or nearly: write three digits more before the *.": (
        "Così si ignorerebbe un paese intero, o quasi: scrivere tre cifre in più prima di *."
    ),
    "Nothing is remembered about this number.": "Di questo numero non è annotato nulla.",
    "Write a whole number, or the beginning of one with * behind it: 02 1234*": (
        "Scrivere un numero intero, o il suo inizio seguito da *: 02 1234*"
    ),
}

# `web.problems`: said if a handler knows no better.
_ANYWHERE: Final[Mapping[str, str]] = {
    "The request could not be understood.": "La richiesta non si capisce.",
    "The body must be a JSON object.": "Il corpo deve essere un oggetto JSON.",
    "Sign in first: POST /api/v1/session, or send a valid token as Authorization: Bearer.": (
        "Prima accedere: POST /api/v1/session, o mandare un token valido come Authorization: "
        "Bearer."
    ),
    "The request does not come from a page of this gateway.": (
        "La richiesta non viene da una pagina di questo gateway."
    ),
    "If the page is served under another address, set public_url in [web] to it.": (
        "Se la pagina ha un altro indirizzo, scriverlo in public_url di [web]."
    ),
    "Requests that change something and use the cookie need the header X-Filodiretto: 1.": (
        "Le richieste che modificano qualcosa e usano il cookie hanno bisogno dell'intestazione "
        "X-Filodiretto: 1."
    ),
    "This address exists but not with this method; see the Allow header.": (
        "Questo indirizzo c'è, ma non con questo metodo; si veda l'intestazione Allow."
    ),
    "This address does not answer in a form that the Accept header allows.": (
        "Questo indirizzo non risponde in una forma ammessa dall'intestazione Accept."
    ),
    "The request body is larger than this address accepts.": (
        "Il corpo della richiesta è più grande di quanto questo indirizzo accetti."
    ),
    "The body must be JSON: send Content-Type: application/json.": (
        "Il corpo deve essere JSON: mandare Content-Type: application/json."
    ),
    "The cursor is not one that this list returned.": (
        "Il cursore non è di quelli che questo elenco ha dato."
    ),
    "Start again without a cursor.": "Ricominciare senza cursore.",
    "The cursor belongs to another list or to another filter.": (
        "Il cursore è di un altro elenco o di un altro filtro."
    ),
    "Ask with the parameters of the page that it came with, or start again without a cursor.": (
        "Chiedere con i parametri della pagina da cui viene, o ricominciare senza cursore."
    ),
    "This Idempotency-Key was used for another request before.": (
        "Questa Idempotency-Key è già stata usata per un'altra richiesta."
    ),
    "Too many attempts to sign in.": "Troppi tentativi di accesso.",
    "Wait as long as Retry-After says.": "Aspettare quanto dice Retry-After.",
    "Something failed on our side; the log of the gateway has the cause.": (
        "Qualcosa non ha funzionato da parte nostra; la causa è nel registro del gateway."
    ),
}

# `store.failures`: what is wrong; the remedy is for the administrator's log.
_STORE: Final[Mapping[str, str]] = {
    "The disk of the database is full; nothing was stored.": (
        "Il disco del database è pieno; non è stato salvato nulla."
    ),
    "The database cannot be written to.": "Nel database non si può scrivere.",
    "Another program keeps the database locked.": "Un altro programma tiene bloccato il database.",
    "The database file is damaged.": "Il file del database è danneggiato.",
    "The disk of the database failed to read or write; nothing was stored.": (
        "Il disco del database non ha letto o scritto; non è stato salvato nulla."
    ),
    "The database cannot be reached.": "Il database non è raggiungibile.",
    "The tables of the database are not the ones this version needs.": (
        "Le tabelle del database non sono quelle che servono a questa versione."
    ),
    "The change contradicts what is stored already.": (
        "La modifica contraddice quello che è già salvato."
    ),
    "The database cannot keep up; the request was not taken.": (
        "Il database non riesce a stare al passo; la richiesta non è stata presa."
    ),
    "The store is closing; nothing was stored.": (
        "L'archivio si sta chiudendo; non è stato salvato nulla."
    ),
    "The database refused the request.": "Il database ha rifiutato la richiesta.",
}

OF_DIRECTORY: Final[Mapping[str, str]] = {**_ENTRIES, **_ANYWHERE, **_STORE}
