"""What the state of a link says, in Italian: sentence by sentence, as `faults` puts it in English.

A test holds every sentence that can stand on a link to be here.
"""

from collections.abc import Mapping
from typing import Final

from gateway.core.wording import told

ITALIAN: Final[Mapping[str, str]] = {
    "No connection to the PBX can be made.": "Non si riesce a collegarsi al centralino.",
    "Check host, port, routes and the local limits (open files).": (
        "Controllare host, port, l'instradamento e i limiti di questa macchina (file aperti)."
    ),
    "The PBX's certificate is not trusted.": "Il certificato del centralino non è attendibile.",
    "Set tls_ca_file to the certificate that signed it, and tls_server_name if it names another "
    "host.": (
        "Indicare in tls_ca_file il certificato che lo ha firmato, e in tls_server_name il nome "
        "che porta, se è un altro."
    ),
    "The port does not speak TLS as we do.": "La porta non parla TLS come noi.",
    "Use the port of tlsbindaddr in manager.conf (usually 5039), or tls = false with 5038.": (
        "Usare la porta di tlsbindaddr in manager.conf (di solito 5039), oppure tls = false con "
        "la 5038."
    ),
    "The PBX refuses connections on this port.": (
        "Il centralino rifiuta connessioni su questa porta."
    ),
    "Start Asterisk; in manager.conf set enabled = yes and check port and bindaddr; check host "
    "and port here.": (
        "Avviare Asterisk; in manager.conf scrivere enabled = yes e controllare port e bindaddr; "
        "controllare host e port nella nostra configurazione."
    ),
    "The PBX's name cannot be resolved.": "Il nome del centralino non si trova nel DNS.",
    "Check host, or write the address itself.": (
        "Controllare host, o scrivere direttamente l'indirizzo."
    ),
    "The PBX does not answer on the network.": "Il centralino non risponde in rete.",
    "Check host and port, the firewall in between, and whether fail2ban has banned us.": (
        "Controllare host e port, il firewall in mezzo e se fail2ban ci ha bloccati."
    ),
    "The PBX closed the connection while it was being opened.": (
        "Il centralino ha chiuso la connessione mentre si apriva."
    ),
    "Check permit/deny of the AMI user and whether this port is the one of AMI.": (
        "Controllare permit/deny dell'utente AMI e se questa porta è quella di AMI."
    ),
    "The port accepts connections but does not greet as AMI does.": (
        "La porta accetta connessioni ma non saluta come fa AMI."
    ),
    "Check the port: 5038 is plain AMI; a port with TLS needs tls = true.": (
        "Controllare la porta: 5038 è AMI in chiaro; una porta con TLS vuole tls = true."
    ),
    "Something that is not Asterisk's AMI answers on this port; no password was sent.": (
        "Su questa porta risponde qualcosa che non è l'AMI di Asterisk; la password non è stata "
        "inviata."
    ),
    "Check host and port: AMI is 5038, with TLS usually 5039.": (
        "Controllare host e port: AMI è 5038, con TLS di solito 5039."
    ),
    "tls_ca_file cannot be used.": "tls_ca_file non è utilizzabile.",
    "Name a readable PEM file with the certificate that signed the PBX's one.": (
        "Indicare un file PEM leggibile con il certificato che ha firmato quello del centralino."
    ),
    "The PBX refused the AMI user name or its password.": (
        "Il centralino ha rifiutato l'utente AMI o la sua password."
    ),
    "Compare username and secret with manager.conf (FreePBX: manager_custom.conf), then `manager "
    "reload` in Asterisk; check permit/deny/acl for this machine's address and whether fail2ban "
    "has banned it.": (
        "Confrontare username e secret con manager.conf (FreePBX: manager_custom.conf), poi "
        "`manager reload` in Asterisk; controllare permit/deny/acl per l'indirizzo di questa "
        "macchina e se fail2ban l'ha bloccata."
    ),
    "To avoid a ban the next attempt is only after 10 minutes, or on reload.": (
        "Per non essere bloccati si riprova solo tra 10 minuti, o ricaricando la configurazione."
    ),
    "We try only a few times, because fail2ban bans after repeated refusals.": (
        "Si riprova solo poche volte: dopo più rifiuti fail2ban blocca."
    ),
    "The PBX did not answer the login.": "Il centralino non ha risposto all'accesso.",
    "Look at the PBX's load; if it is idle, restart Asterisk's manager (reload).": (
        "Guardare il carico del centralino; se è fermo, ricaricare il manager di Asterisk (reload)."
    ),
    "The AMI user may not do this on the PBX.": (
        "L'utente AMI non ha questo diritto sul centralino."
    ),
    "Give the user the rights of config/asterisk (observer: write = reporting).": (
        "Dare all'utente i diritti di config/asterisk (observer: write = reporting)."
    ),
    "The PBX does not know this action.": "Il centralino non conosce questa azione.",
    "Load the module it belongs to (app_queue, res_parking), if you use it.": (
        "Caricare il modulo a cui appartiene (app_queue, res_parking), se serve."
    ),
    "The PBX answered with an error.": "Il centralino ha risposto con un errore.",
    "Look at detail; if unclear, please report it.": (
        "Guardare il dettaglio; se non è chiaro, segnalarlo."
    ),
    "The connection to the PBX was lost.": "La connessione con il centralino è caduta.",
    "We reconnect by ourselves; if it repeats, look at the PBX's log and the network.": (
        "Il collegamento si ristabilisce da solo; se si ripete, guardare il log del centralino e "
        "la rete."
    ),
    "Asterisk is being stopped or restarted.": "Asterisk si sta fermando o riavviando.",
    "We reconnect as soon as it is up again.": "Il collegamento torna appena Asterisk è attivo.",
    "The PBX no longer answers pings although the connection seems to stand.": (
        "Il centralino non risponde più ai ping, anche se la connessione sembra esserci."
    ),
    "We reconnect by ourselves; if it repeats, look at firewalls or NAT in between and at the "
    "PBX's load.": (
        "Il collegamento si ristabilisce da solo; se si ripete, guardare firewall o NAT in mezzo "
        "e il carico del centralino."
    ),
    "Events arrive faster than they can be handled; the link is reset and resynchronised.": (
        "Gli eventi arrivano più in fretta di quanto si possano trattare; il collegamento riparte"
        " da capo."
    ),
    "Install the event filter of config/asterisk on the PBX, or give this machine more "
    "processor.": (
        "Installare sul centralino il filtro degli eventi di config/asterisk, o dare più "
        "processore a questa macchina."
    ),
    "A list from the PBX is longer than can be right.": (
        "Un elenco del centralino è più lungo del possibile."
    ),
    "The link is reset; if it repeats, please report it.": (
        "Il collegamento riparte da capo; se si ripete, segnalarlo."
    ),
    "The PBX did not deliver its lists of channels and queues in time.": (
        "Il centralino non ha dato in tempo gli elenchi di canali e code."
    ),
    "Look at the PBX's load; raise link.snapshot_timeout_s if it is very large.": (
        "Guardare il carico del centralino; se è molto grande, alzare link.snapshot_timeout_s."
    ),
    "The link to the PBX ended before it answered.": (
        "Il collegamento con il centralino è finito prima della risposta."
    ),
    "Look at the live calls to see whether it was done.": (
        "Guardare le chiamate in corso per vedere se è stato fatto."
    ),
    "A message from the PBX is too long.": "Un messaggio del centralino è troppo lungo.",
    "A message has too many headers.": "Un messaggio del centralino ha troppe intestazioni.",
    "A message from the PBX has no end.": "Un messaggio del centralino non finisce.",
    "The first line from the peer has no end.": "La prima riga ricevuta non finisce.",
    "Not started yet.": "Non ancora avviato.",
    "Signed in; taking stock of the calls that are up.": (
        "Accesso fatto; si rilevano le chiamate in corso."
    ),
    "The AMI user may not list channels: calls that were up at sign-in are unknown.": (
        "L'utente AMI non può elencare i canali: le chiamate già in corso all'accesso non si "
        "conoscono."
    ),
    "Add write = reporting to the user in manager.conf and reload the manager.": (
        "Aggiungere write = reporting all'utente in manager.conf e ricaricare il manager."
    ),
    "FullyBooted did not come: the AMI user lacks read = system.": (
        "FullyBooted non è arrivato: all'utente AMI manca read = system."
    ),
    "Add system to read in manager.conf (and FullyBooted to the event filter).": (
        "Aggiungere system a read in manager.conf (e FullyBooted al filtro degli eventi)."
    ),
    "Queues are entered without a dialplan event: menus and voicemail are invisible.": (
        "Si entra nelle code senza eventi del dialplan: menu e segreteria non si vedono."
    ),
    "Add dialplan to read in manager.conf, or install the event filter again.": (
        "Aggiungere dialplan a read in manager.conf, o installare di nuovo il filtro degli eventi."
    ),
    "The AMI user may not list bridges or queues.": "L'utente AMI non può elencare bridge o code.",
    "The link is reset.": "Il collegamento riparte da capo.",
    "If it repeats, something that is not Asterisk's AMI answers on this port, or the connection "
    "damages data.": (
        "Se si ripete, su questa porta risponde qualcosa che non è l'AMI di Asterisk, o la "
        "connessione rovina i dati."
    ),
}


def in_italian(text: str) -> str:
    """Return a cause or remedy in Italian; a sentence that is not known stays as it is."""
    return told(text, ITALIAN)
