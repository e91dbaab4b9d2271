"""Where an INVITE says that its call comes from: `verstat`, Diversion, History-Info."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.sip.address import Address, read_address
from adapters.sip.message import SipMessage
from gateway.core.provenance import Attestation, DiversionReason, Provenance

_PASSED, _FAILED = "tn-validation-passed", "tn-validation-failed"
_LEVELS: Final[Mapping[str, Attestation]] = MappingProxyType(
    {"A": Attestation.FULL, "B": Attestation.PARTIAL, "C": Attestation.GATEWAY}
)
# RFC 5806: the reasons of Diversion.
_REASONS: Final[Mapping[str, DiversionReason]] = MappingProxyType(
    {
        "user-busy": DiversionReason.BUSY,
        "no-answer": DiversionReason.NO_ANSWER,
        "unconditional": DiversionReason.ALWAYS,
        "unavailable": DiversionReason.UNREACHABLE,
        "out-of-service": DiversionReason.UNREACHABLE,
    }
)
# RFC 4458: the `cause` of the address a call was sent on to.
_CAUSES: Final[Mapping[str, DiversionReason]] = MappingProxyType(
    {
        "302": DiversionReason.ALWAYS,
        "486": DiversionReason.BUSY,
        "408": DiversionReason.NO_ANSWER,
        "503": DiversionReason.UNREACHABLE,
    }
)


def provenance_of(invite: SipMessage, shown: Address, others: Sequence[Address]) -> Provenance:
    """Return what the headers of an INVITE from a trusted host tell of its origin.

    `shown` is the address that the caller's number is taken from. That a verification failed
    counts wherever it stands; that it passed only for the number that is shown.
    """
    diverted, reason = _diversion(invite)
    return Provenance(
        attestation=_attestation(invite, shown, others),
        diverted_from=diverted,
        diverted_reason=reason,
    )


def _attestation(
    invite: SipMessage, shown: Address, others: Sequence[Address]
) -> Attestation | None:
    if any(_verdict(one).startswith(_FAILED) for one in (shown, *others)):
        return Attestation.FAILED
    same = [one for one in (shown, *others) if one.user and one.user == shown.user]
    passed = [found for one in same if (found := _verdict(one)).startswith(_PASSED)]
    if not passed:
        return None
    # ATIS-1000074: the level follows the verdict, or stands in a header of its own
    level = passed[0].removeprefix(_PASSED).lstrip("-") or invite.get("P-Attestation-Indicator")
    return _LEVELS.get(level.strip().upper(), Attestation.PASSED)


def _verdict(address: Address) -> str:
    return (address.uri.get("verstat") or address.header.get("verstat") or "").lower()


def _diversion(invite: SipMessage) -> tuple[str, DiversionReason | None]:
    """Return who sent the call on to us, "" if hidden, and why; None if nobody did.

    The last one who did is the first that is listed (RFC 5806 4).
    """
    diversions = invite.every("Diversion")
    if diversions:
        last = read_address(diversions[0])
        hidden = last.header.get("privacy", "off").lower() not in {"off", "name", ""}
        reason = _REASONS.get(last.header.get("reason", "").strip('"').lower())
        return "" if hidden else last.user, reason or DiversionReason.OTHER
    history = [read_address(value) for value in invite.every("History-Info")]
    moved = [at for at, one in enumerate(history) if at and one.uri.get("cause")]
    if not moved:
        return "", None
    cause = history[moved[-1]].uri["cause"]
    return history[moved[-1] - 1].user, _CAUSES.get(cause, DiversionReason.OTHER)
