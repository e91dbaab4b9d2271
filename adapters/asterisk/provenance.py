"""Where a call comes from, as a dialplan tells it in `UserEvent(Filodiretto,…)` (docs/pop.md).

No event of Asterisk's own carries it. STIR_SHAKEN() and REDIRECTING() know it in the dialplan.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.asterisk.codec import Frame
from gateway.core.provenance import Attestation, DiversionReason, Provenance

KEYS: Final = ("Verstat", "Verification", "Attestation", "DivertedFrom", "DivertedReason")
_PASSED: Final = "tn-validation-passed"
_LEVELS: Final[Mapping[str, Attestation]] = MappingProxyType(
    {"A": Attestation.FULL, "B": Attestation.PARTIAL, "C": Attestation.GATEWAY}
)
# Asterisk, function REDIRECTING(reason); what a far end wrote itself comes in quotes (RFC 5806).
_REASONS: Final[Mapping[str, DiversionReason]] = MappingProxyType(
    {
        "cfb": DiversionReason.BUSY,
        "user-busy": DiversionReason.BUSY,
        "cfnr": DiversionReason.NO_ANSWER,
        "no-answer": DiversionReason.NO_ANSWER,
        "cfu": DiversionReason.ALWAYS,
        "unconditional": DiversionReason.ALWAYS,
        "unavailable": DiversionReason.UNREACHABLE,
        "out_of_order": DiversionReason.UNREACHABLE,
        "out-of-service": DiversionReason.UNREACHABLE,
    }
)


# What STIR_SHAKEN(0,verify_result) says of a call that is not what it says (Asterisk 22, and 16);
# that a certificate could not be fetched, or a header is missing, proves nothing.
_FORGED: Final = frozenset(
    {
        "cid_orig_tn_mismatch",
        "signature_validation",
        "cert_not_trusted",
        "verification mismatch",
        "signature failed",
    }
)


def provenance_of(frame: Frame) -> Provenance | None:
    """Return what an event of ours says of its call's origin; None if it does not speak of it."""
    said = {key: frame.rare(key).strip() for key in KEYS}
    if not any(said.values()) and not any(f"\r\n{key}:".encode() in frame.raw for key in KEYS):
        return None
    number, written = said["DivertedFrom"], said["DivertedReason"].strip('"').lower()
    diverted = bool(number) or written not in {"", "unknown"}
    reason = _REASONS.get(written, DiversionReason.OTHER) if diverted else None
    return Provenance(
        attestation=_attestation(
            verstat=said["Verstat"].lower(),
            verification=said["Verification"].lower(),
            level=said["Attestation"].upper(),
        ),
        diverted_from=number,
        diverted_reason=reason,
    )


def _attestation(*, verstat: str, verification: str, level: str) -> Attestation | None:
    """Return what was verified, by the carrier or by Asterisk itself; a level alone is a claim."""
    if verstat.startswith("tn-validation-failed") or verification in _FORGED:
        return Attestation.FAILED
    if verstat.startswith(_PASSED):
        level = verstat.removeprefix(_PASSED).lstrip("-").upper() or level
    elif verification not in {"success", "verification passed"}:
        return None
    return _LEVELS.get(level, Attestation.PASSED)
