"""What call control says of the PBX, in Italian: the sentences of `faults` and `control`.

A test holds every sentence that can stand there to be here or in `italian`.
"""

from collections.abc import Mapping
from typing import Final

from adapters.asterisk.italian import ITALIAN as OF_LINKS

ITALIAN: Final[Mapping[str, str]] = {
    **OF_LINKS,
    "The link for call control is not up yet.": (
        "Il collegamento per comandare le chiamate non è ancora attivo."
    ),
    "Try again in a few seconds.": "Riprovare tra qualche secondo.",
    "Nothing was done: the link for call control is down.": (
        "Non è stato fatto nulla: manca il collegamento per comandare le chiamate."
    ),
    "The PBX did not say whether it was done.": "Il centralino non ha detto se è stato fatto.",
    "Look at the live calls before you try again.": (
        "Guardare le chiamate in corso prima di riprovare."
    ),
    "This PBX does not let us do this.": "Questo centralino non ci permette di farlo.",
    "Holding needs write = system and res_pjsip_notify.": (
        "Per mettere in attesa servono write = system e res_pjsip_notify."
    ),
    "No phone is named in pbx.control.hold.": (
        "In pbx.control.hold non è indicato nessun telefono."
    ),
    "{} is not among this user's actions.": "{} non è tra le azioni di questo utente.",
    "The PBX's control user lacks the right, or the PBX the module.": (
        "All'utente di comando del centralino manca il permesso, o al centralino il modulo."
    ),
    "Install config/asterisk/manager_filodiretto_control.conf and the module named.": (
        "Installare config/asterisk/manager_filodiretto_control.conf e il modulo indicato."
    ),
    "The PBX's dialplan has no context filodiretto-test.": (
        "Nel dialplan del centralino manca il contesto filodiretto-test."
    ),
    "Include config/asterisk/extensions_filodiretto.conf in extensions.conf.": (
        "Includere config/asterisk/extensions_filodiretto.conf in extensions.conf."
    ),
    "The PBX knows no phone of this extension.": (
        "Il centralino non conosce nessun telefono di questo interno."
    ),
    "Check the extension; if its phone is not PJSIP or SIP, set pbx.control.channel and "
    "pbx.control.context.": (
        "Controllare l'interno; se il suo telefono non è PJSIP o SIP, impostare "
        "pbx.control.channel e pbx.control.context."
    ),
    "The PBX refused to do it.": "Il centralino ha rifiutato di farlo.",
    "Look at detail; if unclear, please report it.": (
        "Guardare il dettaglio nel registro; se non è chiaro, segnalarlo."
    ),
    "The call may have ended meanwhile; look at the live calls.": (
        "La chiamata può essere finita nel frattempo; guardare le chiamate in corso."
    ),
    "This call is not up on the PBX any more.": "Questa chiamata sul centralino non c'è più.",
    "This call or number does not exist on the PBX.": (
        "Questa chiamata o questo numero sul centralino non esiste."
    ),
    "The PBX does not permit to transfer this call.": (
        "Il centralino non permette di trasferire questa chiamata."
    ),
    "This call cannot be transferred now: nobody is on the other side.": (
        "Adesso questa chiamata non si può trasferire: dall'altra parte non c'è nessuno."
    ),
    "The PBX could not transfer the call.": (
        "Il centralino non è riuscito a trasferire la chiamata."
    ),
    "Check the number and try again.": "Controllare il numero e riprovare.",
    "The PBX has no feature code for attended transfers.": (
        "Il centralino non ha un codice per i trasferimenti con consultazione."
    ),
    "Set atxfer in features.conf (FreePBX: Feature Codes, In-Call Asterisk Attended Transfer).": (
        "Impostare atxfer in features.conf (FreePBX: Feature Codes, In-Call Asterisk Attended "
        "Transfer)."
    ),
    "The PBX could not park the call.": "Il centralino non è riuscito a parcheggiare la chiamata.",
    "Check res_parking and free parking spaces.": "Controllare res_parking e i posti liberi.",
    "This phone is signed in to the queue already.": "Questo telefono è già nella coda.",
    "Nothing needs to be done.": "Non serve fare nulla.",
    "This phone is not signed in to the queue.": "Questo telefono non è nella coda.",
    "This member belongs to the queue for good and cannot be signed out.": (
        "Questo membro fa parte della coda in modo fisso e non può uscirne."
    ),
    "Pause it, or remove it from the queue in the PBX's configuration.": (
        "Metterlo in pausa, o toglierlo dalla coda nella configurazione del centralino."
    ),
    "The PBX has no queue of this name.": "Sul centralino non c'è una coda con questo nome.",
    "Check the name.": "Controllare il nome.",
    "This phone serves no such queue.": "Questo telefono non serve questa coda.",
    "Sign it in first.": "Prima farlo entrare nella coda.",
    "The phone could not be called.": "Non è stato possibile far squillare il telefono.",
    "Check that it is switched on and registered.": "Controllare che sia acceso e registrato.",
    "The phone was not answered.": "Nessuno ha risposto al telefono.",
    "Pick up when your phone rings, then the call goes out.": (
        "Rispondere quando squilla il proprio telefono: poi parte la chiamata."
    ),
    "The phone is busy or refused the call.": "Il telefono è occupato o ha rifiutato la chiamata.",
    "End the other call, or the do-not-disturb.": (
        "Chiudere l'altra chiamata, o togliere il non disturbare."
    ),
    "The phone could not be reached.": "Il telefono non è raggiungibile.",
    "The phone was not answered or could not be reached.": (
        "Nessuno ha risposto al telefono, o non è raggiungibile."
    ),
    "Try again.": "Riprovare.",
}
