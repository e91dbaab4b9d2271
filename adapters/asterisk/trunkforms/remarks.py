"""What is said of an installed trunk that does not work, and what to do about it."""

from typing import Final

from gateway.core.trunkforms import Words

NO_ENDPOINT: Final = Words(
    en="The PBX has no endpoint of this name.",
    it="Il centralino non ha un endpoint di questo nome.",
)
INSTALL: Final = Words(
    en="Put the rendered sections into pjsip.conf (FreePBX: pjsip_custom.conf), then pjsip reload;"
    " look at Asterisk's log for a line it refused.",
    it="Mettere le sezioni in pjsip.conf (FreePBX: pjsip_custom.conf), poi pjsip reload; guardare"
    " nel log di Asterisk se una riga è stata rifiutata.",
)
UNREADABLE: Final = Words(
    en="The endpoint is there, but the PBX cannot tell its options.",
    it="L'endpoint c'è, ma il centralino non può dirne le opzioni.",
)
LOAD_FUNCTIONS: Final = Words(
    en="Load func_sorcery, func_pjsip_aor, func_pjsip_contact and func_dialplan.",
    it="Caricare func_sorcery, func_pjsip_aor, func_pjsip_contact e func_dialplan.",
)
NO_TRANSPORT: Final = Words(
    en="The transport that the trunk names is not there.",
    it="Il trasporto indicato dalla linea non c'è.",
)
NAME_TRANSPORT: Final = Words(
    en="Set transport_section to one that pjsip show transports lists, or render it"
    " (own_transport) and restart Asterisk.",
    it="Mettere in transport_section uno di quelli elencati da pjsip show transports, o scriverlo"
    " (own_transport) e riavviare Asterisk.",
)
REJECTED: Final = Words(
    en="The provider refuses the registration.", it="Il fornitore rifiuta la registrazione."
)
PASSWORDS: Final = Words(
    en="Compare password (is CHANGE_ME still there?), username, auth_user and from_domain with the"
    " provider's letter, then pjsip reload. Asterisk tries again only after ten minutes.",
    it="Confrontare password (c'è ancora CHANGE_ME?), username, auth_user e from_domain con i dati"
    " del fornitore, poi pjsip reload. Asterisk riprova solo dopo dieci minuti.",
)
REJECTED_OR_LOST: Final = Words(
    en="The registration was refused, or got no answer in time: Asterisk says the same of both.",
    it="Registrazione rifiutata, o senza risposta: Asterisk dice lo stesso in tutti e due i casi.",
)
PASSWORDS_OR_WAY: Final = Words(
    en="pjsip set logger on shows whether an answer comes: 401 or 403 means password, username,"
    " auth_user or from_domain; none means server, port, transport or firewall.",
    it="pjsip set logger on mostra se arriva una risposta: 401 o 403 vuol dire password, username,"
    " auth_user o from_domain; nessuna vuol dire server, porta, trasporto o firewall.",
)
NO_MODULE: Final = Words(
    en="The PBX does not register anywhere: the module for it is not loaded.",
    it="Il centralino non si registra da nessuna parte: il modulo non è caricato.",
)
LOAD_REGISTRATION: Final = Words(
    en="Load res_pjsip_outbound_registration.", it="Caricare res_pjsip_outbound_registration."
)
NO_REGISTRATION: Final = Words(
    en="The PBX has no registration of this name.",
    it="Il centralino non ha una registrazione di questo nome.",
)
UNREGISTERED: Final = Words(
    en="The registration gets no answer.", it="La registrazione non riceve risposta."
)
NOT_ASKED: Final = Words(
    en="The provider is not asked whether it is there (qualify_frequency = 0).",
    it="Al fornitore non si chiede se c'è (qualify_frequency = 0).",
)
UNREACHABLE: Final = Words(
    en="The provider does not answer OPTIONS: outgoing calls fail.",
    it="Il fornitore non risponde a OPTIONS: le chiamate in uscita falliscono.",
)
OPTIONS: Final = Words(
    en="Check registrar, port and transport; if it never answers OPTIONS, qualify_frequency = 0.",
    it="Controllare registrar, port e transport; se non risponde mai a OPTIONS,"
    " qualify_frequency = 0.",
)
NOT_KNOWN: Final = Words(
    en="Whether the provider answers is not known yet.",
    it="Non si sa ancora se il fornitore risponde.",
)
WAIT: Final = Words(
    en="Look again after qualify_frequency seconds.",
    it="Riguardare dopo qualify_frequency secondi.",
)
NO_MATCH: Final = Words(
    en="No address is known as this trunk's.", it="Nessun indirizzo è noto come di questa linea."
)
ADD_MATCH: Final = Words(
    en="Install the identify section with every match line; after a change of DNS, pjsip reload.",
    it="Installare la sezione identify con tutte le righe match; se cambia il DNS, pjsip reload.",
)
UNRESOLVED: Final = Words(
    en="A name in match is not found in DNS from here, so it was not compared.",
    it="Un nome in match non si trova nel DNS da qui, quindi non è stato confrontato.",
)
DNS: Final = Words(
    en="Compare with pjsip show identifies on the PBX; after a change of DNS, pjsip reload. Safer"
    " are the addresses that the provider publishes.",
    it="Confrontare con pjsip show identifies sul centralino; se il DNS è cambiato, pjsip reload."
    " Più sicuri sono gli indirizzi pubblicati dal fornitore.",
)
NO_CODEC: Final = Words(
    en="None of the form's codecs is allowed on the endpoint: calls end with 488.",
    it="Nessun codec del modulo è permesso sull'endpoint: le chiamate finiscono con 488.",
)
CODECS: Final = Words(
    en="Install the endpoint's allow line; core show codecs lists what the PBX can.",
    it="Installare la riga allow dell'endpoint; core show codecs elenca quelli disponibili.",
)
NO_CONTEXT: Final = Words(
    en="The context of incoming calls is not in the dialplan.",
    it="Il contesto delle chiamate in entrata non è nel piano di chiamata.",
)
NO_WAY_OUT: Final = Words(
    en="The context of outgoing calls is not in the dialplan.",
    it="Il contesto delle chiamate in uscita non è nel piano di chiamata.",
)
DIALPLAN: Final = Words(
    en="Put the excerpt into extensions.conf (FreePBX: extensions_custom.conf), then dialplan"
    " reload.",
    it="Mettere l'estratto in extensions.conf (FreePBX: extensions_custom.conf), poi dialplan"
    " reload.",
)
SEE_DIFF: Final = Words(
    en="Look at the differences (--diff): install the sections, or correct the form.",
    it="Guardare le differenze (--diff): installare le sezioni, o correggere il modulo.",
)
FOUND: Final = Words(
    en="Incoming calls find an extension.", it="Le chiamate in entrata trovano l'interno."
)
