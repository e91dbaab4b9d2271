"""All plays, by name; each module adds its own to the catalogue when it is imported."""

from support.asterisk_lab.plays import (
    clicks,
    consulting,
    direct,
    fetching,
    forwards,
    groups,
    handing,
    holding,
    mailboxes,
    menus,
    outgoing,
    queues,
    rooms,
    together,
)
from support.asterisk_lab.plays.play import CATALOGUE, Play

MODULES = (
    direct, queues, groups, menus, mailboxes, forwards, handing, consulting, fetching, rooms,
    holding, clicks, outgoing, together,
)  # fmt: skip

__all__ = ["CATALOGUE", "MODULES", "Play"]
