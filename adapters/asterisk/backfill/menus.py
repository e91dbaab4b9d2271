"""Dialplan applications that mean something to a call."""

from fnmatch import fnmatchcase
from typing import Final

from gateway.core.inputs import Application

APPLICATIONS: Final = {
    "Queue": Application.QUEUE,
    "VoiceMail": Application.VOICEMAIL,
    "Voicemail": Application.VOICEMAIL,
    "BackGround": Application.MENU,
    "Background": Application.MENU,
    "WaitExten": Application.MENU,
    "Read": Application.MENU,
}


def menu_name(context: str, patterns: tuple[str, ...]) -> str:
    """Name a menu by its context: what the pattern's star stands for, else the whole."""
    for pattern in patterns:
        if fnmatchcase(context, pattern):
            fixed = pattern.partition("*")[0]
            return context.removeprefix(fixed) or context if "*" in pattern else context
    return context
