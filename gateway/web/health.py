"""`/healthz` says that the process answers, `/readyz` that it is of use (RELIABILITY rule 14)."""

from datetime import datetime

from aiohttp import web

from gateway.core.record import time_json
from gateway.web.answers import answer
from gateway.web.keys import SERVICES
from gateway.web.problems import Problem
from gateway.web.services import Degraded


async def healthz(request: web.Request) -> web.Response:
    """Answer `GET /healthz`."""
    return answer({"status": "alive", "version": request.app[SERVICES].options.version})


async def readyz(request: web.Request) -> web.Response:
    """Answer `GET /readyz`: 503 until store, configuration and first snapshots are there."""
    services = request.app[SERVICES]
    missing = tuple(services.readiness.missing())
    if missing:
        raise Problem(503, "Not ready: " + "; ".join(missing), slug="not-ready")
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
