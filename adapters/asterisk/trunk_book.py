"""What is known of one PBX's trunks: looks replace it whole, events change it at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from adapters.asterisk import trunk_events as events
from adapters.asterisk.codec import Frame
from adapters.asterisk.trunk_events import Registration
from adapters.asterisk.trunk_look import Look
from gateway.core.trunks import (
    ContactStatus,
    RegistrationState,
    TrunkContact,
    TrunkFailure,
    TrunkGone,
    TrunkKind,
    TrunkReading,
    TrunkRef,
    TrunkRegistration,
    TrunkTold,
    Words,
)
from gateway.core.trunkwords import (
    NEVER_ASKED,
    NO_ANSWER,
    REJECTED,
    SOME_SILENT,
    UNREGISTERED,
    words,
)

NO_ADDRESS: Final = words(
    "The PBX has no address for this trunk: the far end has not registered with it.",
    "If the provider gave an address, write contact = sip:ADDRESS in the trunk's aor; else see "
    "why the far end does not register here.",
    "Il centralino non ha un indirizzo per questa linea: l'altro capo non si è registrato.",
    "Se il fornitore ha dato un indirizzo, scrivere contact = sip:INDIRIZZO nell'aor della linea; "
    "altrimenti vedere perché l'altro capo non si registra qui.",
)
DENIED: Final = words(
    "The AMI user may not list registrations: whether the trunk is registered is not known.",
    "Add write = reporting to the user in manager.conf and reload the manager.",
    "L'utente AMI non può elencare le registrazioni: non si sa se la linea è registrata.",
    "Aggiungere write = reporting all'utente in manager.conf e ricaricare il manager.",
)
UNREADABLE: Final = words(
    "The PBX does not tell the trunk's addresses: the functions for it are not loaded.",
    "On the PBX: asterisk -rx 'module load func_pjsip_endpoint.so', the same for "
    "func_pjsip_aor.so and func_pjsip_contact.so; check also that the trunk's name is right.",
    "Il centralino non dice gli indirizzi della linea: mancano le funzioni per farlo.",
    "Sul centralino: asterisk -rx 'module load func_pjsip_endpoint.so', lo stesso per "
    "func_pjsip_aor.so e func_pjsip_contact.so; controllare anche il nome della linea.",
)


@dataclass(slots=True)
class Known:
    """One trunk as last told."""

    registration: Registration | None = None
    since: datetime | None = None
    contacts: dict[str, TrunkContact] = field(default_factory=dict)
    had_contacts: bool = False
    failing: Words | None = None
    failure: TrunkFailure | None = None


class TrunkBook:
    """Everything that looks and events told; `changed` are the trunks to tell of."""

    def __init__(self, pbx: str) -> None:
        self._pbx = pbx
        self._trunks: dict[str, Known] = {}
        self._gone: list[str] = []
        self._denied = False
        self._readable = True
        self._changed: set[str] = set()

    def take(self, look: Look, at: datetime) -> None:
        """Replace what is known by what a look found."""
        self._denied, self._readable = look.denied, look.readable
        owners = dict(_owners(look.contacts, look.registrations))
        lost = {name for name in look.bare if name in self._trunks}
        wanted = {*look.contacts, *owners, *lost}
        self._gone += [name for name in self._trunks if name not in wanted]
        self._trunks = {name: self._trunks.get(name, Known()) for name in wanted}
        for name, known in self._trunks.items():
            known.contacts = dict(look.contacts.get(name, {}))
            known.had_contacts |= bool(known.contacts)
            self._register(name, owners.get(name), at)
            _note(known, at)
        self._changed |= wanted

    def hear(self, frame: Frame, at: datetime) -> bool:
        """Take an event; False if it speaks of something that only a look can tell."""
        if frame.name == events.REGISTRY:
            return self._registry(frame, at)
        if frame.name == events.CONTACT:
            return self._contact(frame, at)
        if frame.name == events.PEER and frame.get("Peer").startswith("SIP/"):
            return self._peer(frame, at)
        return True  # of chan_pjsip ContactStatus tells more

    def told(self, at: datetime, *, blind: Words | None = None) -> Iterator[TrunkTold]:
        """Yield what changed since the last time; `blind`: of all of them, that nobody sees."""
        for name in self._gone:
            yield TrunkGone(ref=self._ref(name), at=at)
        names = sorted(self._trunks if blind is not None else self._changed & set(self._trunks))
        self._gone, self._changed = [], set()
        for name in names:
            yield self._reading(name, at, blind)

    def _registry(self, frame: Frame, at: datetime) -> bool:
        key = frame.get("Username"), frame.get("Domain")
        state = events.registration_state(frame.get("Status"))
        for name, known in self._trunks.items():
            registration = known.registration
            if registration is not None and registration.key == key:
                self._register(name, replace(registration, state=state), at)
                _note(known, at)
                self._changed.add(name)
                return True
        return False

    def _contact(self, frame: Frame, at: datetime) -> bool:
        name = frame.get("EndpointName") or frame.get("AOR")
        known = self._trunks.get(name)
        if known is None:
            return False
        address, word = frame.get("URI"), frame.get("ContactStatus")
        if word == events.GONE:
            known.contacts.pop(address, None)
        else:
            status = events.contact_status(word)
            rtt = events.round_trip(frame.get("RoundtripUsec"))
            known.contacts[address] = TrunkContact(
                address=address,
                status=status,
                rtt_ms=rtt if status is ContactStatus.REACHABLE else None,
            )
            known.had_contacts = True
        _note(known, at)
        self._changed.add(name)
        return True

    def _peer(self, frame: Frame, at: datetime) -> bool:
        """Take what chan_sip says of a peer; it has one address."""
        name = frame.get("Peer").removeprefix("SIP/")
        known = self._trunks.get(name)
        status = events.contact_status(frame.get("PeerStatus"))
        if known is None or len(known.contacts) != 1 or status is ContactStatus.UNKNOWN:
            return False
        ((address, contact),) = known.contacts.items()
        rtt = events.milliseconds(frame.get("Time"))
        reached = status is ContactStatus.REACHABLE
        known.contacts[address] = replace(contact, status=status, rtt_ms=rtt if reached else None)
        _note(known, at)
        self._changed.add(name)
        return True

    def _register(self, name: str, registration: Registration | None, at: datetime) -> None:
        known = self._trunks[name]
        before = known.registration
        if registration is None or before is None or before.state is not registration.state:
            known.since = at if registration is not None else None
        known.registration = registration

    def _reading(self, name: str, at: datetime, blind: Words | None) -> TrunkReading:
        known = self._trunks[name]
        registration = known.registration
        contacts = tuple(known.contacts.values())
        if not contacts and known.had_contacts:
            lost = ContactStatus.UNREACHABLE
            contacts = (TrunkContact(address="", status=lost),)
        return TrunkReading(
            ref=self._ref(name),
            kind=TrunkKind.ASTERISK,
            at=at,
            registration=None
            if registration is None
            else TrunkRegistration(
                state=registration.state,
                server=events.place_of(registration.server),
                since=known.since,
            ),
            contacts=contacts,
            failure=known.failure,
            blind=blind,
            advice=self._advice(known),
        )

    def _advice(self, known: Known) -> Words:
        if self._denied and known.registration is None:
            return DENIED
        if not known.contacts:
            return NO_ADDRESS if self._readable else UNREADABLE
        return NEVER_ASKED

    def _ref(self, name: str) -> TrunkRef:
        return TrunkRef(pbx=self._pbx, name=name)


def _note(known: Known, at: datetime) -> None:
    """Note what is wrong with a trunk, once; AMI tells no SIP code, so there is none."""
    wrong = _wrong(known)
    if wrong is not None and wrong != known.failing:
        known.failure = TrunkFailure(at=at, code=None, words=wrong)
    known.failing = wrong


def _wrong(known: Known) -> Words | None:
    statuses = {one.status for one in known.contacts.values()}
    if not statuses and known.had_contacts:
        return NO_ADDRESS
    if ContactStatus.UNREACHABLE in statuses and ContactStatus.REACHABLE not in statuses:
        return NO_ANSWER
    state = known.registration.state if known.registration is not None else None
    if state is RegistrationState.REJECTED:
        return REJECTED
    if state is RegistrationState.UNREGISTERED:
        return UNREGISTERED
    return SOME_SILENT if ContactStatus.UNREACHABLE in statuses else None


def _owners(
    contacts: Mapping[str, Mapping[str, TrunkContact]], registrations: Iterable[Registration]
) -> Iterator[tuple[str, Registration]]:
    """Yield which trunk each registration is for; one that fits none is a trunk by itself.

    It may name its endpoint (line = yes), be called like it, or go to the host that the trunk's
    calls go to.
    """
    hosts = {events.host_of(address): name for name, known in contacts.items() for address in known}
    for registration in registrations:
        named = (registration.endpoint, registration.name)
        by_name = next((name for name in named if name in contacts), None)
        by_host = hosts.get(events.host_of(registration.server))
        yield by_name or by_host or registration.name, registration
