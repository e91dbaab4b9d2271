"""What requests for calls and queues are answered, in Italian: causes, remedies, what was done.

English is in the places where it is said; a test holds every sentence of them to be here.
"""

from collections.abc import Mapping
from typing import Final

from gateway.web.italian_directory import OF_DIRECTORY
from gateway.web.italian_import import OF_IMPORT
from gateway.web.italian_people import OF_PEOPLE
from gateway.web.italian_tests import OF_TESTS

# What may be dialled: `core.dialable`.
_DIALLING: Final[Mapping[str, str]] = {
    "This is not a telephone number that can be dialled.": (
        "Questo non è un numero di telefono che si possa chiamare."
    ),
    "Write an extension or a number in digits; service codes (*, #) are left out.": (
        "Scrivere in cifre un interno o un numero; i codici di servizio (*, #) sono esclusi."
    ),
    "This is neither an extension nor a valid telephone number.": (
        "Questo non è né un interno né un numero di telefono valido."
    ),
    "Check the digits; write numbers abroad with + and the country's code.": (
        "Controllare le cifre; i numeri esteri si scrivono con + e il prefisso del paese."
    ),
    "Short codes that cost more than a call are not dialled from here.": (
        "Da qui non si chiamano numeri brevi che costano più di una telefonata."
    ),
    "Numbers abroad are not dialled from here.": "Da qui non si chiamano numeri esteri.",
    "Premium numbers are not dialled from here.": (
        "Da qui non si chiamano numeri a tariffa maggiorata."
    ),
    "This number belongs to no known range, so its cost is unknown.": (
        "Questo numero non fa parte di nessun arco noto: non si sa quanto costi."
    ),
    "If it is needed, the administrator can allow it: pbx.control.allow lists prefixes "
    '("+41"), "international" and "premium".': (
        "Se serve, l'amministratore può permetterlo: pbx.control.allow elenca prefissi "
        '("+41"), "international" e "premium".'
    ),
}

# What is refused before the PBX is asked: `desk.callcontrol`, `dialling`, `members`, `once` and
# those they share.
_REFUSED: Final[Mapping[str, str]] = {
    "Look at the live calls: it may have ended or moved on.": (
        "Guardare le chiamate in corso: può essere finita o passata ad altri."
    ),
    "This call is over.": "Questa chiamata è finita.",
    "There is no such call now, or it is not yours.": (
        "Questa chiamata adesso non c'è, o è di altri."
    ),
    "Your phone is not in this call any more.": "Il proprio telefono non è più in questa chiamata.",
    "This PBX does not let us hang up.": "Questo centralino non ci permette di riagganciare.",
    "This PBX does not let us decline a call.": (
        "Questo centralino non ci permette di rifiutare una chiamata."
    ),
    "This PBX does not let us park calls.": (
        "Questo centralino non ci permette di parcheggiare chiamate."
    ),
    "This PBX does not let us consult.": (
        "Questo centralino non ci permette di consultare un collega."
    ),
    "This PBX does not let us transfer.": "Questo centralino non ci permette di trasferire.",
    "This phone cannot be held from here: AMI has no such action.": (
        "Da qui questo telefono non si può mettere in attesa: AMI non ha un'azione per farlo."
    ),
    "Use the phone's hold key.": "Usare il tasto di attesa del telefono.",
    "Phones that obey SIP NOTIFY talk/hold are named in pbx.control.hold; the control user then "
    "needs write = system.": (
        "I telefoni che obbediscono a SIP NOTIFY talk/hold si indicano in pbx.control.hold; "
        "all'utente di comando serve allora write = system."
    ),
    "The call is on hold already.": "La chiamata è già in attesa.",
    "The call is not on hold.": "La chiamata non è in attesa.",
    "Nothing needs to be done.": "Non serve fare nulla.",
    "This call does not ring at your phone.": "Questa chiamata non squilla al proprio telefono.",
    "This call was not answered at this phone.": (
        "A questo telefono nessuno ha risposto a questa chiamata."
    ),
    "Answer it first.": "Prima rispondere.",
    "Nobody is on the other side of this call now.": (
        "Adesso dall'altra parte di questa chiamata non c'è nessuno."
    ),
    "Wait until the call is answered; from a consultation go back first.": (
        "Aspettare che qualcuno risponda; da una consultazione prima tornare indietro."
    ),
    "You have no telephone to call with.": "Manca un telefono con cui chiamare.",
    "Ask the administrator to give you an extension.": (
        "Chiedere all'amministratore di assegnare un interno."
    ),
    "This is not your telephone, or its PBX is not configured for call control.": (
        "Questo telefono è di altri, o il suo centralino non è configurato per comandare le "
        "chiamate."
    ),
    "Call from an extension of your own.": "Chiamare da un interno proprio.",
    "The link to the PBX broke, and there is no such call on the PBX.": (
        "Il collegamento con il centralino è caduto e sul centralino questa chiamata non c'è."
    ),
    "Dial again if you still want to.": "Se serve ancora, chiamare di nuovo.",
    "A call that you asked for is still in progress.": (
        "Una chiamata già chiesta è ancora in corso."
    ),
    "End it, or wait until it is over.": "Chiuderla, o aspettare che finisca.",
    "You have asked for six calls within a minute.": (
        "Sono già state chieste sei chiamate in un minuto."
    ),
    "Wait a minute.": "Aspettare un minuto.",
    "This PBX does not let us change the members of queues.": (
        "Questo centralino non ci permette di cambiare i membri delle code."
    ),
    "This PBX does not let us set the message lamp.": (
        "Questo centralino non ci permette di accendere la spia dei messaggi."
    ),
    "Load res_mwi_external and res_mwi_external_ami (instead of app_voicemail).": (
        "Caricare res_mwi_external e res_mwi_external_ami (al posto di app_voicemail)."
    ),
    "There is no such queue.": "Questa coda non c'è.",
    "GET /api/v1/queues lists them.": "GET /api/v1/queues le elenca.",
    "This phone serves no queue now.": "Adesso questo telefono non serve nessuna coda.",
    "Sign it in to a queue first.": "Prima farlo entrare in una coda.",
    "This is not your telephone.": "Questo telefono è di altri.",
    "Only supervisors may do this, for the members of their teams.": (
        "Possono farlo solo i supervisori, per i membri delle loro squadre."
    ),
    "This phone is signed in to the queue already.": "Questo telefono è già nella coda.",
    "This phone is not signed in to the queue.": "Questo telefono non è nella coda.",
    "Sign it in first.": "Prima farlo entrare nella coda.",
    "There is no such PBX, or it is not configured for call control.": (
        "Questo centralino non c'è, o non è configurato per comandare le chiamate."
    ),
    "Name one of the configured PBXs.": "Indicare uno dei centralini configurati.",
    "Call control is not configured for this PBX.": (
        "Per questo centralino i comandi sulle chiamate non sono configurati."
    ),
    "Install the control user of config/asterisk and set pbx.control.": (
        "Installare l'utente di comando di config/asterisk e impostare pbx.control."
    ),
    "This Idempotency-Key was used for another request before.": (
        "Questa Idempotency-Key è già stata usata per un'altra richiesta."
    ),
    "Choose a new key for every new request.": "Scegliere una chiave nuova per ogni richiesta.",
    "The gateway was restarted before the request was sent.": (
        "Il programma è stato riavviato prima di inviare la richiesta."
    ),
    "The gateway was restarted before the PBX answered.": (
        "Il programma è stato riavviato prima della risposta del centralino."
    ),
    "Ask again.": "Chiedere di nuovo.",
    "Look at the live calls before you ask again.": (
        "Guardare le chiamate in corso prima di chiedere di nuovo."
    ),
    "It is being looked for among the calls of the PBX.": (
        "La si sta cercando tra le chiamate del centralino."
    ),
}

# What the routes themselves say: `web.control`, `web.refusals`.
_ANSWERED: Final[Mapping[str, str]] = {
    "The request under this key has failed.": "La richiesta con questa chiave è fallita.",
    "Choose a new key to try again.": "Per riprovare scegliere una chiave nuova.",
    "The PBX ends the call.": "Il centralino chiude la chiamata.",
    "The PBX was told that you decline the call.": (
        "Il centralino sa che la chiamata è rifiutata."
    ),
    "The phone was asked to hold the call.": (
        "Al telefono è stato chiesto di mettere in attesa la chiamata."
    ),
    "The phone was asked to take the call back.": (
        "Al telefono è stato chiesto di riprendere la chiamata."
    ),
    "The PBX hands the call over.": "Il centralino passa la chiamata.",
    "The PBX parks the call.": "Il centralino parcheggia la chiamata.",
    "The phone is signed in to the queue.": "Il telefono è entrato nella coda.",
    "The phone is signed out of the queue.": "Il telefono è uscito dalla coda.",
    "The phone is paused.": "Il telefono è in pausa.",
    "The phone takes calls again.": "Il telefono riceve di nuovo chiamate.",
    "The PBX has done it.": "Il centralino l'ha fatto.",
    "Your phone rings first; pick up and the number is dialled.": (
        "Prima squilla il proprio telefono: rispondendo parte la chiamata."
    ),
    "Call control is not configured.": "I comandi sulle chiamate non sono configurati.",
    'The body needs an "extension": you have none of your own.': (
        'Nel corpo serve "extension": manca un interno proprio.'
    ),
    'The body needs "to": where to hand the call over.': (
        'Nel corpo serve "to": a chi passare la chiamata.'
    ),
    "Your role or your token's scopes do not include this.": (
        "Il ruolo o il token non lo comprendono."
    ),
    "There is nothing at this address; the addresses are listed in the documentation.": (
        "A questo indirizzo non c'è nulla; gli indirizzi sono elencati nella documentazione."
    ),
    "Something in the request is not as it must be; see errors.": (
        "Qualcosa nella richiesta non è come deve essere; si veda errors."
    ),
    "Choose a new one for every request.": "Sceglierne una nuova per ogni richiesta.",
    "This PBX, phone or installation cannot do that.": (
        "Questo centralino, telefono o impianto non può farlo."
    ),
    "A part that is needed is not available; try again.": ("Manca una parte che serve; riprovare."),
    "The administrator's rules do not let this number be dialled by a click.": (
        "Le regole dell'amministratore non permettono di chiamare questo numero con un clic."
    ),
    "It exists, but not in a state in which this can be done.": (
        "Esiste, ma non in uno stato in cui si possa fare."
    ),
    "The PBX understood the request and refused it.": (
        "Il centralino ha capito la richiesta e l'ha rifiutata."
    ),
    "One person may start only so many calls a minute; wait as long as Retry-After says.": (
        "Ognuno può avviare solo un certo numero di chiamate al minuto; aspettare quanto dice "
        "Retry-After."
    ),
    "The request went out and no answer came back.": (
        "La richiesta è partita e non è tornata nessuna risposta."
    ),
    "Look before you ask again.": "Guardare prima di chiedere di nuovo.",
}

ITALIAN: Final[Mapping[str, str]] = {
    **_DIALLING,
    **_REFUSED,
    **_ANSWERED,
    **OF_DIRECTORY,
    **OF_IMPORT,
    **OF_PEOPLE,
    **OF_TESTS,
}
