"""Telling systemd how we are (sd_notify(3)); without it, silence."""

import os
import socket


def notify(message: str) -> None:
    """Send `READY=1`, `STOPPING=1` or `STATUS=…` to the service manager, if there is one."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
        link.sendto(message.encode(), address)
