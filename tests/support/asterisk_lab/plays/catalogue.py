"""All plays, by name; each module adds its own to the catalogue when it is imported."""

from support.asterisk_lab.plays import (
    asking,
    clicks,
    confirming,
    consulting,
    crossing,
    direct,
    fetching,
    forwards,
    groups,
    handing,
    holding,
    lines,
    mailboxes,
    menus,
    nested,
    oddities,
    onwards,
    outgoing,
    queues,
    rarities,
    relayed,
    rooms,
    routes,
    taking,
    together,
    waits,
)
from support.asterisk_lab.plays.play import CATALOGUE, Play

MODULES = (
    direct, queues, groups, menus, mailboxes, forwards, handing, consulting, fetching, rooms,
    holding, clicks, outgoing, together, onwards, asking,
    taking, routes, nested, lines, crossing, relayed, confirming, oddities, rarities,
    waits,
)  # fmt: skip

__all__ = ["CATALOGUE", "MODULES", "Play"]
