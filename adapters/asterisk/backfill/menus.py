"""Dialplan applications that mean something to a call."""

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
