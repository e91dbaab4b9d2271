"""`/healthz` says that the process answers, `/readyz` that it is of use (RELIABILITY rule 14)."""

from datetime import datetime
from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.web.access import PUBLIC
from gateway.web.answers import answer
from gateway.web.keys import SERVICES
from gateway.web.problems import Problem, ProblemKind
from gateway.web.routes import Route, Tag
from gateway.web.services import Degraded
from gateway.web.shapes.system import Alive, Ready

NOT_READY: Final = ProblemKind(
    slug="not-ready",
    status=503,
    title="Not ready",
    detail="Store, configuration or the first look at a PBX is still missing.",
)


async def healthz(request: web.Request) -> web.Response:
    """Answer `GET /healthz`."""
    return answer({"status": "alive", "version": request.app[SERVICES].options.version})


async def readyz(request: web.Request) -> web.Response:
    """Answer `GET /readyz`: 503 until store, configuration and first snapshots are there."""
    services = request.app[SERVICES]
    missing = tuple(services.readiness.missing())
    if missing:
        raise Problem(NOT_READY, "Not ready: " + "; ".join(missing))
    now = services.clock.now()
    parts = tuple(services.readiness.degraded())
    return answer(
        {
            "status": "degraded" if parts else "ready",
            "degraded": [_part_json(part, now) for part in parts],
        }
    )


def _part_json(part: Degraded, now: datetime) -> dict[str, object]:
    return {
        "part": part.part,
        "cause": part.cause,
        "remedy": part.remedy or None,
        "since": time_json(part.since),
        "age_s": round(max(0.0, (now - part.since).total_seconds()), 1),
    }


ROUTES: Final = (
    Route(
        method="GET",
        path="/healthz",
        access=PUBLIC,
        handler=healthz,
        tag=Tag.SYSTEM,
        summary="Whether the process answers",
        answers={200: Alive},
    ),
    Route(
        method="GET",
        path="/readyz",
        access=PUBLIC,
        handler=readyz,
        tag=Tag.SYSTEM,
        summary="Whether it is of use, and which parts are not well",
        answers={200: Ready},
        problems=(NOT_READY,),
    ),
)
