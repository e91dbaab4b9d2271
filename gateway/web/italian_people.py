"""What is answered about customers to call back, promises, telephones and signing in, in Italian.

English is in `desk.missed`, `desk.promises`, `store.desks`, `store.second_factors`, `web.account`,
`handoffs`, `promises`, `second_factor`, `session`, `setup` and `typed`; a test holds each sentence
of them to be here.
"""

from collections.abc import Mapping
from typing import Final

_FOLLOW_UPS: Final[Mapping[str, str]] = {
    "There is no such customer in the list.": "Nell'elenco non c'è questo cliente.",
    "GET /api/v1/missed lists them.": "Sono elencati in GET /api/v1/missed.",
    "A colleague has taken this customer.": "Di questo cliente si occupa già un collega.",
    "Take another one from the list.": "Prenderne un altro dall'elenco.",
    "Only they or a supervisor can give it back.": (
        "Può restituirlo solo quel collega o un supervisore."
    ),
    "This customer has been talked with meanwhile.": (
        "Nel frattempo qualcuno ha parlato con questo cliente."
    ),
    "Nobody has taken this customer.": "Nessuno si occupa di questo cliente.",
    "There is nothing to do.": "Non c'è nulla da fare.",
    "The time of the call-back has passed already.": "L'ora della richiamata è già passata.",
    "Choose a time to come; look at the time zone, and at this clock.": (
        "Scegliere un'ora futura; controllare il fuso orario e l'orologio di questa macchina."
    ),
    "A call-back cannot be promised for more than two years ahead.": (
        "Non si può promettere una richiamata oltre due anni da oggi."
    ),
    "Choose an earlier time.": "Scegliere un'ora precedente.",
    "The assignee is nobody who may sign in.": (
        "Chi dovrebbe richiamare non è un utente che può accedere."
    ),
    "Name the login of a user.": "Indicare il nome utente di qualcuno.",
    "There is no such promise.": "Questa promessa non c'è.",
    "GET /api/v1/promises lists them.": "Sono elencate in GET /api/v1/promises.",
    "This promise is a colleague's.": "Questa promessa è di un collega.",
    "Who made it, whose task it is or a supervisor can change it.": (
        "Può modificarla chi l'ha fatta, chi deve mantenerla o un supervisore."
    ),
    "GET /api/v1/contacts lists them.": "Sono elencati in GET /api/v1/contacts.",
    "A promise is made to somebody.": "Una promessa si fa a qualcuno.",
    'Name a "contact_id" or a "number".': 'Indicare "contact_id" o "number".',
    "The text of a promise is empty.": "Il testo della promessa è vuoto.",
    "Say what was promised.": "Scrivere che cosa è stato promesso.",
    "There is no such call, or it is not yours to see.": (
        "Questa chiamata non c'è, o non è tra quelle che si possono vedere."
    ),
    "The number is an extension, a short code or no telephone number here.": (
        "Il numero è un interno, un numero breve o qui non è un numero di telefono."
    ),
    "Write it in international form, like +390612345678.": (
        "Scriverlo in forma internazionale, come +390612345678."
    ),
}

_TELEPHONES: Final[Mapping[str, str]] = {
    "This telephone is yours already.": "Questo telefono è già assegnato a chi lo chiede.",
    "This telephone belongs to a colleague.": "Questo telefono è di un collega.",
    "Sign in to a telephone that is nobody's own, or ask an administrator.": (
        "Accedere a un telefono che non è di nessuno, o chiedere a un amministratore."
    ),
    "Somebody else is signed in to this telephone.": (
        "A questo telefono ha già fatto accesso qualcun altro."
    ),
    'Ask them to sign out of it, or send "take_over": true.': (
        'Chiedergli di lasciarlo, o inviare "take_over": true.'
    ),
    "The telephone belongs to a colleague, or somebody is signed in to it.": (
        "Il telefono è di un collega, o qualcuno vi ha già fatto accesso."
    ),
    "This is no telephone of the house.": "Questo non è un telefono interno.",
    'Write its extension, as "1001".': 'Scrivere l\'interno, per esempio "1001".',
    "You are not signed in to a telephone.": "Non si è fatto accesso a nessun telefono.",
}

_SIGNING_IN: Final[Mapping[str, str]] = {
    "The user name or the password is wrong.": "Il nome utente o la password sono sbagliati.",
    "Too many attempts to sign in.": "Troppi tentativi di accesso.",
    "Wait as long as Retry-After says.": "Aspettare quanto dice Retry-After.",
    "Sign in with your password for this; a token cannot do it.": (
        "Per questo serve accedere con la password; un token non basta."
    ),
    "No other site may show the page.": "Nessun altro sito può mostrare la pagina.",
    "An administrator names it in web.frame_ancestors.": (
        "Un amministratore lo indica in web.frame_ancestors."
    ),
    'The body needs "username" and "password", or send a Bearer token.': (
        'Nel corpo servono "username" e "password", oppure un token Bearer.'
    ),
    "This set-up link is not valid any more: it works once, for 15 minutes.": (
        "Questo collegamento di configurazione non vale più: funziona una volta, per 15 minuti."
    ),
    "Make a new one with `filodiretto setup-link`.": (
        "Farne uno nuovo con `filodiretto setup-link`."
    ),
    "Name and password are right.": "Nome e password sono giusti.",
    (
        'Send them again with "code": the six digits that the authenticator shows, or a recovery '
        "code."
    ): (
        'Inviarli di nuovo con "code": le sei cifre dell\'app di autenticazione, o un codice di '
        "recupero."
    ),
    "The code is wrong, too old, or was used before.": (
        "Il codice è sbagliato, troppo vecchio o già usato."
    ),
    "Wait for the next one; if they never fit, set the telephone's clock by the network.": (
        "Aspettare il prossimo; se non va mai bene, regolare l'ora del telefono sulla rete."
    ),
    "Name and password are right, and this role needs a second factor.": (
        "Nome e password sono giusti, e questo ruolo richiede un secondo fattore."
    ),
    "Send them to POST /api/v1/session/totp, scan the QR code, then sign in with the first code.": (
        "Inviarli a POST /api/v1/session/totp, inquadrare il codice QR, poi accedere con il primo "
        "codice."
    ),
    "Nobody asks you for a second factor at sign-in.": (
        "All'accesso non è richiesto nessun secondo fattore."
    ),
    "Sign in, then POST /api/v1/me/totp if you want one.": (
        "Accedere, poi POST /api/v1/me/totp se lo si desidera."
    ),
    "Nothing waits to be confirmed: begin with POST /api/v1/me/totp.": (
        "Non c'è nulla da confermare: cominciare con POST /api/v1/me/totp."
    ),
    "A second factor is set up already.": "Un secondo fattore è già impostato.",
    "Remove it first, with a valid code.": "Prima toglierlo, con un codice valido.",
}

OF_PEOPLE: Final[Mapping[str, str]] = {**_FOLLOW_UPS, **_TELEPHONES, **_SIGNING_IN}
