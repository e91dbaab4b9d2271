"""Which calls somebody may see, asked of the database itself: no route can forget it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, or_, select, true, union

from gateway.core.ids import CallId
from gateway.store.schema import call_parties, calls, user_extensions
from gateway.store.schema_people import desk_extensions

EXTENSION: Final = "extension"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Calls in which an extension of these `logins` took part, or that these `queues` served.

    `queues` are (pbx, queue) pairs, pbx "" means on every PBX. Where None stands instead of a
    `Sight`, every call may be seen.
    """

    logins: frozenset[str] = frozenset()
    queues: frozenset[tuple[str, str]] = frozenset()


def sight_of(visible_to: Sight | str) -> Sight:
    """Return the sight of a login that stands for itself alone."""
    if isinstance(visible_to, Sight):
        return visible_to
    return Sight(logins=frozenset({visible_to}))


def calls_seen(visible_to: Sight | str, call_id: CallId | None = None) -> Select[tuple[int]]:
    """Return the numbers of the calls (or of that call) that may be seen.

    As a set, not row by row: else a list of somebody's few calls would walk through everybody's.
    """
    sight = sight_of(visible_to)
    parts = [
        _by_extension(sight, call_id),
        _by_extension(sight, call_id, elsewhere=True),
        _by_desk(sight, call_id),
        _by_desk(sight, call_id, elsewhere=True),
    ]
    if sight.queues:
        call = calls.alias()
        parts.append(_narrowed(select(call.c.no).where(_served(call, sight)), call, call_id))
    return select(union(*parts).subquery().c[0])


def may_see(
    conn: Connection, call_id: CallId, visible_to: Sight | str | None, *, unknown: bool = False
) -> bool:
    """Tell whether a call exists and may be seen; `unknown`: who sees all need not find it."""
    if visible_to is None and unknown:
        return True
    query = select(calls.c.no).where(calls.c.id == str(call_id))
    if visible_to is not None:
        query = query.where(calls.c.no.in_(calls_seen(visible_to, call_id)))
    return conn.execute(query).first() is not None


def _by_extension(
    sight: Sight, call_id: CallId | None, *, elsewhere: bool = False
) -> Select[tuple[int]]:
    """Return the calls of people's phones; `elsewhere`: as another PBX's calls name them."""
    call, owner = calls.alias(), user_extensions.c
    party = _abroad(owner.pbx, owner.extension) if elsewhere else owner.extension
    here = or_(owner.pbx == "", owner.pbx == call.c.pbx)
    found = (
        select(call_parties.c.call_no)
        .join(call, call.c.no == call_parties.c.call_no)
        .join(user_extensions, party == call_parties.c.party)
        .where(
            owner.login.in_(sorted(sight.logins)),
            call_parties.c.kind == EXTENSION,
            true() if elsewhere else here,
        )
    )
    return _narrowed(found, call, call_id)


def _by_desk(
    sight: Sight, call_id: CallId | None, *, elsewhere: bool = False
) -> Select[tuple[int]]:
    """Return the calls of a phone somebody sat at, from sitting down until they left it."""
    call, desk = calls.alias(), desk_extensions.c
    party = _abroad(desk.pbx, desk.extension) if elsewhere else desk.extension
    here = or_(desk.pbx == "", desk.pbx == call.c.pbx)
    found = (
        select(call_parties.c.call_no)
        .join(call, call.c.no == call_parties.c.call_no)
        .join(desk_extensions, party == call_parties.c.party)
        .where(
            desk.login.in_(sorted(sight.logins)),
            call_parties.c.kind == EXTENSION,
            true() if elsewhere else here,
            # a call that was up when they sat down concerns them, one that was over does not
            or_(call.c.ended_at.is_(None), call.c.ended_at >= desk.from_at),
            or_(desk.to_at.is_(None), call.c.started_at < desk.to_at),
            call.c.started_at < desk.until_at,
        )
    )
    return _narrowed(found, call, call_id)


def _abroad(pbx: ColumnElement[str], extension: ColumnElement[str]) -> ColumnElement[str]:
    """Return `branch:201`; for somebody who has 201 on whatever PBX it is `:201`."""
    return pbx + ":" + extension


def _served(call: FromClause, sight: Sight) -> ColumnElement[bool]:
    pairs = [
        and_(call.c.queue == queue, call.c.pbx == pbx) if pbx else call.c.queue == queue
        for pbx, queue in sorted(sight.queues)
    ]
    return or_(*pairs)


def _narrowed(
    query: Select[tuple[int]], call: FromClause, call_id: CallId | None
) -> Select[tuple[int]]:
    return query if call_id is None else query.where(call.c.id == str(call_id))
