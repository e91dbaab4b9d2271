"""What `check` says of trunks between PBXs of ours: a name that leads nowhere joins no call."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.core.findings import Finding, Verdict
from gateway.runtime.settings import PbxSettings


def peer_findings(pbxs: Iterable[PbxSettings]) -> Sequence[Finding]:
    """Return a warning for each trunk in `peers` that leads to no other `[[pbx]]`, or one way."""
    peers: dict[str, Mapping[str, str]] = {pbx.name: getattr(pbx, "peers", {}) for pbx in pbxs}
    found: list[Finding] = []
    for name, trunks in peers.items():
        for trunk, peer in trunks.items():
            if peer == name:
                found.append(
                    _warning(
                        name,
                        f'The trunk "{trunk}" in peers leads to this PBX itself.',
                        f'Write the name of the other PBX: peers = {{ "{trunk}" = "…" }}',
                    )
                )
            elif peer not in peers:
                found.append(
                    _warning(
                        name,
                        f'The trunk "{trunk}" leads to "{peer}", which is not followed here: who'
                        " answers there is not known.",
                        f'Add a [[pbx]] named "{peer}", or correct the name in peers.',
                    )
                )
            elif name not in peers[peer].values():
                found.append(
                    _warning(
                        peer,
                        f'No trunk in peers leads back to "{name}": calls from there are taken for'
                        " calls from outside.",
                        f'Add peers = {{ "TRUNK" = "{name}" }} to the [[pbx]] named "{peer}".',
                    )
                )
    return tuple(dict.fromkeys(found))


def _warning(pbx: str, cause: str, remedy: str) -> Finding:
    return Finding(subject=f"pbx {pbx}", verdict=Verdict.WARNING, cause=cause, remedy=remedy)
