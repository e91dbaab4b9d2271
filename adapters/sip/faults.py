"""Why a trunk does not work, in words: cause, remedy, and whether waiting will help."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One reason; `refused`: somebody has to change something before it is worth trying again."""

    cause: str
    remedy: str
    cause_it: str
    remedy_it: str
    refused: bool = False


PASSWORD: Final = Fault(
    cause="The provider does not accept user name and password (SIP {status}).",
    remedy="Check username, login and secret of the [[trunk]] against the provider's letter.",
    cause_it="Il fornitore non accetta nome utente e password (SIP {status}).",
    remedy_it="Confrontare username, login e secret della [[trunk]] con i dati del fornitore.",
    refused=True,
)
CHALLENGE: Final = Fault(
    cause="The registrar asks for a way of signing in that is not supported.",
    remedy="Ask the provider for an account with digest authentication (MD5, SHA-256 or "
    "SHA-512-256, qop auth).",
    cause_it="Il registrar chiede un modo di autenticazione che non è supportato.",
    remedy_it="Chiedere al fornitore un account con autenticazione digest (MD5, SHA-256 o "
    "SHA-512-256, qop auth).",
    refused=True,
)
FOR_EVER: Final = Fault(
    cause="The registrar asks for the password again and again and calls each answer out of date "
    "(SIP {status}).",
    remedy="Ask the provider: its servers do not agree with each other about the sign-in.",
    cause_it="Il registrar chiede la password di continuo e dice scaduta ogni risposta "
    "(SIP {status}).",
    remedy_it="Chiedere al fornitore: i suoi server non concordano tra loro sull'accesso.",
    refused=True,
)
ELSEWHERE: Final = Fault(
    cause="The registrar sends us to another server: {elsewhere} (SIP {status}).",
    remedy="Write that server as registrar of the [[trunk]], if the provider confirms it.",
    cause_it="Il registrar ci manda a un altro server: {elsewhere} (SIP {status}).",
    remedy_it="Scrivere quel server come registrar della [[trunk]], se il fornitore lo conferma.",
    refused=True,
)
TOO_SHORT: Final = Fault(
    cause="The registrar wants registrations to last longer (SIP 423).",
    remedy="Nothing: we ask for as long as it wants; if it lasts, set expires_s = 3600.",
    cause_it="Il registrar vuole registrazioni più lunghe (SIP 423).",
    remedy_it="Nulla: chiediamo la durata che vuole; se persiste, impostare expires_s = 3600.",
)
NOT_UNDERSTOOD: Final = Fault(
    cause="The server does not take registrations as we send them (SIP {status}).",
    remedy="Check registrar and port: it may be another server of the provider's. If they are "
    "right, give the provider this number.",
    cause_it="Il server non accetta registrazioni come le inviamo (SIP {status}).",
    remedy_it="Controllare registrar e porta: può essere un altro server del fornitore. Se sono "
    "giusti, comunicare questo numero al fornitore.",
    refused=True,
)
UNKNOWN_ACCOUNT: Final = Fault(
    cause="The provider does not know this account (SIP 404).",
    remedy="Check username and registrar of the [[trunk]]: a typing error, or another domain.",
    cause_it="Il fornitore non conosce questo account (SIP 404).",
    remedy_it="Controllare username e registrar della [[trunk]]: un refuso, o un altro dominio.",
    refused=True,
)
FORBIDDEN: Final = Fault(
    cause="The provider forbids this registration (SIP 403).",
    remedy="Ask the provider whether the account is blocked, expects another address of ours, "
    "or has too many registrations.",
    cause_it="Il fornitore vieta questa registrazione (SIP 403).",
    remedy_it="Chiedere al fornitore se l'account è bloccato, se attende un altro nostro "
    "indirizzo o se ha troppe registrazioni.",
    refused=True,
)
SILENT: Final = Fault(
    cause="The registrar does not answer.",
    remedy="Check registrar and port, the firewall (UDP both ways) and the Internet line.",
    cause_it="Il registrar non risponde.",
    remedy_it="Controllare registrar e porta, il firewall (UDP nei due sensi) e la linea Internet.",
)
BUSY: Final = Fault(
    cause="The registrar is not able to register us now (SIP {status}).",
    remedy="Nothing: we try again by ourselves; if it lasts, ask the provider.",
    cause_it="Il registrar ora non è in grado di registrarci (SIP {status}).",
    remedy_it="Nulla: si riprova da soli; se dura, chiedere al fornitore.",
)
NAME: Final = Fault(
    cause="The registrar's name cannot be resolved.",
    remedy="Check registrar in the [[trunk]], or the DNS of this machine.",
    cause_it="Il nome del registrar non si trova nel DNS.",
    remedy_it="Controllare registrar nella [[trunk]], oppure il DNS di questa macchina.",
)
PORT: Final = Fault(
    cause="The port of listen cannot be used on this machine.",
    remedy="Choose another listen in the [[trunk]]: another program has it, or the address is "
    "not this machine's.",
    cause_it="La porta di listen non è utilizzabile su questa macchina.",
    remedy_it="Scegliere un altro listen nella [[trunk]]: la usa un altro programma, oppure "
    "l'indirizzo non è di questa macchina.",
)
OCCUPIED: Final = Fault(
    cause="Other phones are registered with this account ({others}): registering too could take "
    "their calls.",
    remedy="Have the provider or the PBX make an account for Filodiretto alone, or set "
    "shared = true if this account may ring in several places.",
    cause_it="Altri telefoni sono registrati con questo account ({others}): registrarsi anche "
    "qui potrebbe togliere loro le chiamate.",
    remedy_it="Far creare dal fornitore o dal centralino un account solo per Filodiretto, oppure "
    "scrivere shared = true se questo account può squillare in più posti.",
    refused=True,
)
SECRET: Final = Fault(
    cause="The password file cannot be used.",
    remedy="See secret_file of the [[trunk]]: it must be readable and hold the password alone.",
    cause_it="Il file della password non è utilizzabile.",
    remedy_it="Vedere secret_file della [[trunk]]: dev'essere leggibile e contenere solo la "
    "password.",
    refused=True,
)
STOPPED: Final = Fault(
    cause="The process that keeps this trunk ended unexpectedly.",
    remedy="Nothing: it is started again by itself; if it lasts, look at the log.",
    cause_it="Il processo che tiene questa linea è terminato inaspettatamente.",
    remedy_it="Nulla: viene riavviato da solo; se dura, guardare il registro.",
)
_BY_STATUS: Final = {
    0: SILENT,
    401: PASSWORD,
    403: FORBIDDEN,
    404: UNKNOWN_ACCOUNT,
    407: PASSWORD,
    423: TOO_SHORT,
    **dict.fromkeys((400, 405, 416, 420, 421, 501, 505), NOT_UNDERSTOOD),
    **dict.fromkeys((300, 301, 302, 305, 380), ELSEWHERE),
}


def of_status(status: int) -> Fault:
    """Return why a registrar refused, by its answer; 0: none came (RFC 3261 section 21)."""
    return _BY_STATUS.get(status, BUSY)
