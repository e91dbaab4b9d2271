"""What is seen of an installed trunk, as findings: what works, what does not, what to do."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from adapters.asterisk.trunkforms import remarks
from adapters.asterisk.trunkforms.compare import compared
from adapters.asterisk.trunkforms.form import TrunkForm
from adapters.asterisk.trunkforms.looking import Seen
from adapters.asterisk.trunkforms.rules import is_network
from gateway.core.findings import Verdict
from gateway.core.trunkforms import TrunkFinding, Words

Resolved = Mapping[str, tuple[str, ...]]
_THERE: Final = frozenset({"Reachable", "Avail", "Available"})
_GONE: Final = frozenset({"Unreachable", "Unavail", "Unavailable"})
NOTHING: Final = Words(en="", it="")


def findings_of(form: TrunkForm, seen: Seen, resolved: Resolved) -> tuple[TrunkFinding, ...]:
    """Return a finding for every point; `resolved` has the addresses of each name in match.

    A name without addresses could not be looked up from here.
    """
    if not seen.endpoint:
        return (_failed("endpoint", remarks.NO_ENDPOINT, remarks.INSTALL),)
    if not seen.readable:
        return (_warned("endpoint", remarks.UNREADABLE, remarks.LOAD_FUNCTIONS), *_rest(form, seen))
    found = [_ok("endpoint", Words(en="The endpoint is there.", it="L'endpoint c'è."))]
    if not seen.transport:
        found.append(_failed("transport", remarks.NO_TRANSPORT, remarks.NAME_TRANSPORT))
    found += _registration(form, seen) if form.registers else ()
    found += _contact(form, seen)
    found += _identify(form, seen, resolved)
    found += _codecs(form, seen)
    return (*found, *_rest(form, seen), *_differences(form, seen))


def _registration(form: TrunkForm, seen: Seen) -> Iterator[TrunkFinding]:
    state = seen.registration
    if state == "Registered":
        yield _ok("registration", Words(en="Registered.", it="Registrata."))
    elif state == "Rejected":
        yield _rejected(form, seen)
    elif state is None:
        yield _failed("registration", remarks.NO_MODULE, remarks.LOAD_REGISTRATION)
    elif not state:
        yield _failed("registration", remarks.NO_REGISTRATION, remarks.INSTALL)
    else:
        yield _failed("registration", remarks.UNREGISTERED, _reach(form))


def _rejected(form: TrunkForm, seen: Seen) -> TrunkFinding:
    """Return what "Rejected" means: Asterisk says it for a refusal and for no answer in time."""
    if seen.contact in _THERE:
        return _failed("registration", remarks.REJECTED, remarks.PASSWORDS)
    if seen.contact in _GONE:
        return _failed("registration", remarks.UNREGISTERED, _reach(form))
    return _failed("registration", remarks.REJECTED_OR_LOST, remarks.PASSWORDS_OR_WAY)


def _reach(form: TrunkForm) -> Words:
    where = form.outbound_proxy or form.registrar
    return Words(
        en=f"From the PBX, see whether {where} is found in DNS and answers by {form.transport};"
        " look at the firewall, and at pjsip set logger on.",
        it=f"Dal centralino, vedere se {where} si trova nel DNS e risponde in {form.transport};"
        " guardare il firewall, e pjsip set logger on.",
    )


def _contact(form: TrunkForm, seen: Seen) -> Iterator[TrunkFinding]:
    if seen.contact in _THERE:
        yield _ok("contact", Words(en="The provider answers.", it="Il fornitore risponde."))
    elif not form.qualify_frequency:
        yield _ok("contact", remarks.NOT_ASKED)
    elif seen.contact in _GONE:
        yield _failed("contact", remarks.UNREACHABLE, remarks.OPTIONS)
    else:
        yield _warned("contact", remarks.NOT_KNOWN, remarks.WAIT)


def _identify(form: TrunkForm, seen: Seen, resolved: Resolved) -> Iterator[TrunkFinding]:
    options = seen.found.get((form.name, "identify"), {})
    there = [item for item in options.get("match", "").split(",") if item]
    if not there:
        yield _failed("identify", remarks.NO_MATCH, remarks.INSTALL)
        return
    literal = [place for place in form.matches if is_network(place)]
    missing = [place for place in literal if not any(_covers(net, place) for net in there)]
    named = [place for place in form.matches if place not in literal]
    astray = [
        place
        for place in named
        if not all(any(_covers(net, one) for net in there) for one in resolved.get(place, ()))
    ]
    if missing:
        yield _failed("identify", _missing(missing), remarks.ADD_MATCH)
    elif any(not resolved.get(place) for place in named):
        yield _warned("identify", remarks.UNRESOLVED, remarks.DNS)
    elif astray:
        yield _warned("identify", _astray(astray), remarks.DNS)
    else:
        yield _ok("identify", Words(en="Its addresses match.", it="I suoi indirizzi coincidono."))


def _covers(network: str, address: str) -> bool:
    if not is_network(network):
        return False
    outer = ipaddress.ip_network(network, strict=False)
    inner = ipaddress.ip_network(address, strict=False)
    if isinstance(outer, ipaddress.IPv4Network) and isinstance(inner, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, ipaddress.IPv6Network) and isinstance(inner, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _codecs(form: TrunkForm, seen: Seen) -> Iterator[TrunkFinding]:
    allowed = seen.found.get((form.name, "endpoint"), {}).get("allow", "").split(",")
    lacking = [codec for codec in form.codecs if codec not in allowed]
    if len(lacking) == len(form.codecs):
        yield _failed("codecs", remarks.NO_CODEC, remarks.CODECS)
    elif lacking:
        names = ", ".join(lacking)
        words = Words(
            en=f"The PBX does not offer {names} on this trunk.",
            it=f"Il centralino non offre {names} su questa linea.",
        )
        yield _warned("codecs", words, remarks.CODECS)
    else:
        yield _ok("codecs", Words(en="Its codecs are there.", it="I suoi codec ci sono."))


def _rest(form: TrunkForm, seen: Seen) -> Iterator[TrunkFinding]:
    """Yield what the dialplan has; nothing where the PBX cannot tell."""
    contexts = seen.contexts
    if not contexts:
        return
    if not contexts.get(form.context):
        yield _failed("context", remarks.NO_CONTEXT, remarks.DIALPLAN)
    else:
        lost = [place for place, there in contexts.items() if "," in place and not there]
        if lost:
            yield _failed("context", _no_extension(lost), remarks.DIALPLAN)
        else:
            words = Words(
                en="Incoming calls find an extension.", it="Le chiamate trovano l'interno."
            )
            yield _ok("context", words)
    if not contexts.get(form.outbound_context):
        yield _warned("outbound_context", remarks.NO_WAY_OUT, remarks.DIALPLAN)


def _differences(form: TrunkForm, seen: Seen) -> Iterator[TrunkFinding]:
    changes = compared(form, seen.found, "PBX", resolved=True).changes
    if changes:
        words = Words(
            en=f"The PBX has it otherwise than the form in {len(changes)} options.",
            it=f"Il centralino ha {len(changes)} opzioni diverse dal modulo.",
        )
        yield _warned("form", words, remarks.SEE_DIFF)


def _missing(addresses: list[str]) -> Words:
    names = ", ".join(addresses[:5])
    return Words(
        en=f"Calls from {names} are not taken for this trunk's.",
        it=f"Le chiamate da {names} non sono prese per chiamate di questa linea.",
    )


def _astray(names: list[str]) -> Words:
    shown = ", ".join(names[:5])
    return Words(
        en=f"DNS leads from {shown} to other addresses here than those the PBX has loaded.",
        it=f"Da qui il DNS porta da {shown} a indirizzi diversi da quelli caricati dal centralino.",
    )


def _no_extension(places: list[str]) -> Words:
    names = ", ".join(place.partition(",")[2] for place in places[:5])
    return Words(
        en=f"Calls to {names} find no extension in the trunk's context.",
        it=f"Le chiamate a {names} non trovano un interno nel contesto della linea.",
    )


def _finding(verdict: Verdict) -> Callable[[str, Words, Words], TrunkFinding]:
    def made(subject: str, cause: Words, remedy: Words) -> TrunkFinding:
        return TrunkFinding(subject=subject, verdict=verdict, cause=cause, remedy=remedy)

    return made


_failed: Final = _finding(Verdict.FAILED)
_warned: Final = _finding(Verdict.WARNING)


def _ok(subject: str, cause: Words) -> TrunkFinding:
    return _finding(Verdict.OK)(subject, cause, NOTHING)
