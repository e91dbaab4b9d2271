"""A form made into files to install, with what to do and what to mind."""

from typing import Final

from adapters.asterisk.trunkforms import conf
from adapters.asterisk.trunkforms.dialplan import dialplan_of
from adapters.asterisk.trunkforms.form import TrunkForm
from adapters.asterisk.trunkforms.pjsip import MAX_SECRET, PLACEHOLDER, sections_of
from adapters.asterisk.trunkforms.rules import is_address, is_network
from gateway.core.errors import UsageError
from gateway.core.trunkforms import Advice, Provider, RenderedFile, RenderedTrunk, Words

PJSIP: Final = "pjsip.conf"
DIALPLAN: Final = "extensions.conf"
# FreePBX writes both files anew at each change, and includes these (docs/trunk-configuration.md).
PJSIP_CUSTOM: Final = "pjsip_custom.conf"
DIALPLAN_CUSTOM: Final = "extensions_custom.conf"


def rendered(form: TrunkForm, provider: Provider, *, secret: str | None = None) -> RenderedTrunk:
    """Return the trunk as text; without `secret` a placeholder stands in its place.

    Raises UsageError for a password that a line of the file cannot hold.
    """
    if secret is not None and (not secret or len(secret) > MAX_SECRET):
        raise UsageError(
            "The password is empty or longer than 256 characters.", remedy="Look at its file."
        )
    about = f"; Trunk {form.name}, rendered by Filodiretto from the template {provider.id}.\n\n"
    sections = sections_of(form, PLACEHOLDER if secret is None else secret)
    has_password = any(section.type == "auth" for section in sections)
    placeholder = PLACEHOLDER if has_password and secret is None else None
    return RenderedTrunk(
        name=form.name,
        provider=provider.id,
        admission=form.admission,
        files=(
            RenderedFile(name=PJSIP, instead=PJSIP_CUSTOM, text=about + conf.write(sections)),
            RenderedFile(name=DIALPLAN, instead=DIALPLAN_CUSTOM, text=about + dialplan_of(form)),
        ),
        placeholder=placeholder,
        steps=_steps(form, with_placeholder=placeholder is not None),
        advice=(*(Advice(words=note) for note in provider.notes), *_advice(form)),
    )


def _steps(form: TrunkForm, *, with_placeholder: bool) -> tuple[Words, ...]:
    steps = [_COPY]
    if with_placeholder:
        steps.append(_PASSWORD)
    if form.own_transport:
        steps.append(_RESTART)
    return (*steps, _RELOAD, _CHECK)


def _advice(form: TrunkForm) -> list[Advice]:
    found = []
    if not form.target:
        found.append(Advice(field="target", words=_NO_TARGET))
    if not form.own_transport and (form.local_net or form.external_address):
        found.append(Advice(field="own_transport", words=_NAT_ELSEWHERE))
    if form.behind_nat and not form.external_address:
        found.append(Advice(field="external_address", words=_NO_EXTERNAL))
    if form.media_encryption == "sdes" and form.transport != "tls":
        found.append(Advice(field="media_encryption", words=_KEYS_READABLE))
    if form.transport == "tls" and form.media_encryption == "no":
        found.append(Advice(field="media_encryption", words=_VOICE_READABLE))
    if not form.registers and not all(is_network(place) for place in form.matches):
        found.append(Advice(field="match", words=_NAMES_ONCE))
    if "g729" in form.codecs:
        found.append(Advice(field="codecs", words=_G729))
    if form.transport == "udp" and is_address(form.registrar) and form.port == 0:
        found.append(Advice(field="port", words=_STANDARD_PORT))
    return found


_COPY: Final = Words(
    en="Append the parts to pjsip.conf and extensions.conf. On FreePBX those are written anew at"
    " each change: use pjsip_custom.conf and extensions_custom.conf.",
    it="Aggiungere le parti a pjsip.conf ed extensions.conf. Su FreePBX questi vengono riscritti a"
    " ogni modifica: usare pjsip_custom.conf ed extensions_custom.conf.",
)
_PASSWORD: Final = Words(
    en="On the PBX replace CHANGE_ME in the auth section by the password; a semicolon in it is"
    " written \\;. The file must be readable for Asterisk alone (chmod 640).",
    it="Sul centralino sostituire CHANGE_ME nella sezione auth con la password; un punto e virgola"
    " si scrive \\;. Il file dev'essere leggibile solo da Asterisk (chmod 640).",
)
_RESTART: Final = Words(
    en="A new transport takes effect only after a restart of Asterisk (core restart gracefully).",
    it="Un trasporto nuovo vale solo dopo un riavvio di Asterisk (core restart gracefully).",
)
_RELOAD: Final = Words(
    en="asterisk -rx 'pjsip reload', asterisk -rx 'dialplan reload' (FreePBX: fwconsole reload).",
    it="asterisk -rx 'pjsip reload', asterisk -rx 'dialplan reload' (FreePBX: fwconsole reload).",
)
_CHECK: Final = Words(
    en="Look at the result: filodiretto trunks render NAME --check.",
    it="Guardare il risultato: filodiretto trunks render NOME --check.",
)
_NO_TARGET: Final = Words(
    en="The excerpt only hangs up: say where incoming calls go (target).",
    it="L'estratto riaggancia soltanto: dire dove vanno le chiamate in entrata (target).",
)
_NAT_ELSEWHERE: Final = Words(
    en="local_net, external_media_address and external_signaling_address belong into the transport"
    " section you have; on FreePBX under Settings, Asterisk SIP Settings.",
    it="local_net, external_media_address ed external_signaling_address vanno nella sezione di"
    " trasporto che già c'è; su FreePBX in Impostazioni, Impostazioni SIP Asterisk.",
)
_NO_EXTERNAL: Final = Words(
    en="Without an outer address the provider must send the voice back to where ours comes from.",
    it="Senza un indirizzo esterno il fornitore deve rimandare la voce da dove arriva la nostra.",
)
_KEYS_READABLE: Final = Words(
    en="With sdes the keys stand in the SIP messages: without tls everybody on the way reads them.",
    it="Con sdes le chiavi stanno nei messaggi SIP: senza tls le legge chiunque stia in mezzo.",
)
_VOICE_READABLE: Final = Words(
    en="The signalling is encrypted, the voice is not.",
    it="La segnalazione è cifrata, la voce no.",
)
_NAMES_ONCE: Final = Words(
    en="Names in match are looked up once, at loading: after the provider moves, reload PJSIP.",
    it="I nomi in match si risolvono una volta, al caricamento: se il fornitore cambia, ricaricare"
    " PJSIP.",
)
_G729: Final = Words(
    en="g729 needs a codec module on the PBX (core show codecs); it is not part of Asterisk.",
    it="g729 richiede un modulo sul centralino (core show codecs); non fa parte di Asterisk.",
)
_STANDARD_PORT: Final = Words(
    en="An address has no SRV records: port 5060 is used.",
    it="Un indirizzo non ha record SRV: si usa la porta 5060.",
)
