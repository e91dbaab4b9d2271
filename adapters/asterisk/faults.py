"""What can be wrong with an AMI connection, in words for the person who has to mend it."""

import socket
import ssl
from typing import Final

from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    FilodirettoError,
    NotPossibleError,
    RejectedError,
    TransientError,
)

ADAPTER: Final = "asterisk"


class AnswerError(TransientError):
    """The PBX answered an action with an error of its own, the link being well."""


class UnknownError(RejectedError):
    """The PBX does not know the action: a module is not loaded, or it is too old."""


def unreachable(error: OSError) -> TransientError:
    """Return why no connection could be made, by the system's error."""
    cause, remedy = _why(error)
    return TransientError(cause, adapter=ADAPTER, remedy=remedy, detail=str(error))


def _why(error: OSError) -> tuple[str, str]:
    for kind, cause, remedy in _WHY:
        if isinstance(error, kind):
            return cause, remedy
    return (
        "No connection to the PBX can be made.",
        "Check host, port, routes and the local limits (open files).",
    )


# The special before the general: each is looked for in this order.
_WHY: Final[tuple[tuple[type[OSError], str, str], ...]] = (
    (
        ssl.SSLCertVerificationError,
        "The PBX's certificate is not trusted.",
        (
            "Set tls_ca_file to the certificate that signed it, and tls_server_name if it names"
            " another host."
        ),
    ),
    (
        ssl.SSLError,
        "The port does not speak TLS as we do.",
        "Use the port of tlsbindaddr in manager.conf (usually 5039), or tls = false with 5038.",
    ),
    (
        ConnectionRefusedError,
        "The PBX refuses connections on this port.",
        (
            "Start Asterisk; in manager.conf set enabled = yes and check port and bindaddr; check"
            " host and port here."
        ),
    ),
    (
        socket.gaierror,
        "The PBX's name cannot be resolved.",
        "Check host, or write the address itself.",
    ),
    (
        TimeoutError,
        "The PBX does not answer on the network.",
        "Check host and port, the firewall in between, and whether fail2ban has banned us.",
    ),
    (
        ConnectionError,
        "The PBX closed the connection while it was being opened.",
        "Check permit/deny of the AMI user and whether this port is the one of AMI.",
    ),
)


def silent() -> TransientError:
    """Return: the connection stands, but no banner came."""
    return TransientError(
        "The port accepts connections but does not greet as AMI does.",
        adapter=ADAPTER,
        remedy="Check the port: 5038 is plain AMI; a port with TLS needs tls = true.",
    )


def not_ami(banner: str) -> TransientError:
    """Return: something else than Asterisk's AMI greets there; no password was sent."""
    return TransientError(
        "Something that is not Asterisk's AMI answers on this port; no password was sent.",
        adapter=ADAPTER,
        remedy="Check host and port: AMI is 5038, with TLS usually 5039.",
        detail=banner[:80],
    )


def refused(*, late: bool) -> AuthError:
    """Return: user or password were refused; `late` when several refusals came in a row."""
    pause = (
        " To avoid a ban the next attempt is only after 10 minutes, or on reload."
        if late
        else " We try only a few times, because fail2ban bans after repeated refusals."
    )
    return AuthError(
        "The PBX refused the AMI user name or its password.",
        adapter=ADAPTER,
        remedy="Compare username and secret with manager.conf (FreePBX: manager_custom.conf), then"
        " `manager reload` in Asterisk; check permit/deny/acl for this machine's address and"
        " whether fail2ban has banned it." + pause,
    )


def no_login_answer() -> TransientError:
    """Return: the login was sent and nothing came back."""
    return TransientError(
        "The PBX did not answer the login.",
        adapter=ADAPTER,
        remedy="Look at the PBX's load; if it is idle, restart Asterisk's manager (reload).",
    )


def lost() -> TransientError:
    """Return: the connection was closed by the other side or the network."""
    return TransientError(
        "The connection to the PBX was lost.",
        adapter=ADAPTER,
        remedy="We reconnect by ourselves; if it repeats, look at the PBX's log and the network.",
    )


def shutting_down() -> TransientError:
    """Return: Asterisk said that it is being stopped or restarted."""
    return TransientError(
        "Asterisk is being stopped or restarted.",
        adapter=ADAPTER,
        remedy="We reconnect as soon as it is up again.",
    )


def dead() -> TransientError:
    """Return: the connection seems to stand, but pings stay unanswered (a half-open link)."""
    return TransientError(
        "The PBX no longer answers pings although the connection seems to stand.",
        adapter=ADAPTER,
        remedy="We reconnect by ourselves; if it repeats, look at firewalls or NAT in between and"
        " at the PBX's load.",
    )


def overrun() -> TransientError:
    """Return: more events arrived than this machine could take; it starts afresh."""
    return TransientError(
        "Events arrive faster than they can be handled; the link is reset and resynchronised.",
        adapter=ADAPTER,
        remedy="Install the event filter of config/asterisk on the PBX, or give this machine more"
        " processor.",
    )


def list_too_long() -> TransientError:
    """Return: a list of the PBX broke the size limit."""
    return TransientError(
        "A list from the PBX is longer than can be right.",
        adapter=ADAPTER,
        remedy="The link is reset; if it repeats, please report it.",
    )


def slow_lists() -> TransientError:
    """Return: the snapshot did not arrive in time."""
    return TransientError(
        "The PBX did not deliver its lists of channels and queues in time.",
        adapter=ADAPTER,
        remedy="Look at the PBX's load; raise link.snapshot_timeout_s if it is very large.",
    )


def unanswered() -> AmbiguousError:
    """Return: an action went out and the link ended before its answer; it is never sent again."""
    return AmbiguousError(
        "The link to the PBX ended before it answered.",
        adapter=ADAPTER,
        remedy="Look at the live calls to see whether it was done.",
    )


def not_allowed(action: str) -> AuthError:
    """Return: the AMI user lacks a right (Asterisk: Permission denied)."""
    return AuthError(
        "The AMI user may not do this on the PBX.",
        adapter=ADAPTER,
        remedy="Give the user the rights of config/asterisk (observer: write = reporting).",
        detail=action,
    )


def rejected(action: str, message: str) -> AdapterError:
    """Return what Asterisk's `Response: Error` means."""
    if "permission" in message.lower():
        return not_allowed(action)
    if "unknown command" in message.lower():
        return UnknownError(
            "The PBX does not know this action.",
            adapter=ADAPTER,
            remedy="Load the module it belongs to (app_queue, res_parking), if you use it.",
            detail=action,
        )
    return AnswerError(
        "The PBX answered with an error.",
        adapter=ADAPTER,
        remedy="Look at detail; if unclear, please report it.",
        detail=f"{action}: {message}"[:200],
    )


def control_starting() -> TransientError:
    """Return: the control user is not signed in yet."""
    return TransientError(
        "The link for call control is not up yet.",
        adapter=ADAPTER,
        remedy="Try again in a few seconds.",
    )


def no_control(why: FilodirettoError) -> TransientError:
    """Return: the control user has no connection, so nothing was sent."""
    return TransientError(
        f"Nothing was done: the link for call control is down. {why.message}",
        adapter=ADAPTER,
        remedy=why.remedy or "Try again in a few seconds.",
    )


def no_answer() -> AmbiguousError:
    """Return: an action went out and the PBX did not say what became of it."""
    return AmbiguousError(
        "The PBX did not say whether it was done.",
        adapter=ADAPTER,
        remedy="Look at the live calls before you try again.",
    )


def not_installed(what: str) -> NotPossibleError:
    """Return: the control user lacks a right or the PBX a module for this; `what` is a sentence."""
    return NotPossibleError(
        f"This PBX does not let us do this. {what}",
        adapter=ADAPTER,
        remedy="Install config/asterisk/manager_filodiretto_control.conf and the module named.",
        detail=what,
    )


def no_test_context() -> NotPossibleError:
    """Return: the dialplan lacks the silent near end of a mystery call."""
    return NotPossibleError(
        "The PBX's dialplan has no context filodiretto-test.",
        adapter=ADAPTER,
        remedy="Include config/asterisk/extensions_filodiretto.conf in extensions.conf.",
    )


def unknown_phone() -> RejectedError:
    """Return: no phone of this extension is configured on the PBX."""
    return RejectedError(
        "The PBX knows no phone of this extension.",
        adapter=ADAPTER,
        remedy="Check the extension; if its phone is not PJSIP or SIP, set pbx.control.channel and"
        " pbx.control.context.",
    )


def refused_action(message: str) -> RejectedError:
    """Return what Asterisk's refusal of a control action means, in words."""
    for needle, cause, remedy in _REFUSALS:
        if needle in message.lower():
            return RejectedError(cause, adapter=ADAPTER, remedy=remedy, detail=message[:200])
    return RejectedError(
        "The PBX refused to do it.",
        adapter=ADAPTER,
        remedy="Look at detail; if unclear, please report it.",
        detail=message[:200],
    )


_GONE: Final = "The call may have ended meanwhile; look at the live calls."
_REFUSALS: Final = (
    ("no such channel", "This call is not up on the PBX any more.", _GONE),
    ("does not exist", "This call or number does not exist on the PBX.", _GONE),
    ("transfer not permitted", "The PBX does not permit to transfer this call.", _GONE),
    (
        "transfer invalid",
        "This call cannot be transferred now: nobody is on the other side.",
        _GONE,
    ),
    ("transfer failed", "The PBX could not transfer the call.", "Check the number and try again."),
    (
        "no attended transfer feature",
        "The PBX has no feature code for attended transfers.",
        "Set atxfer in features.conf (FreePBX: Feature Codes, In-Call Asterisk Attended Transfer).",
    ),
    ("park", "The PBX could not park the call.", "Check res_parking and free parking spaces."),
    ("already there", "This phone is signed in to the queue already.", "Nothing needs to be done."),
    ("not there", "This phone is not signed in to the queue.", "Nothing needs to be done."),
    (
        "not dynamic",
        "This member belongs to the queue for good and cannot be signed out.",
        "Pause it, or remove it from the queue in the PBX's configuration.",
    ),
    ("no such queue", "The PBX has no queue of this name.", "Check the name."),
    ("interface not found", "This phone serves no such queue.", "Sign it in first."),
)
