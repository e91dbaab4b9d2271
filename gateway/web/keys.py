"""The typed keys under which application and request carry what handlers need."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.web.access import Principal
from gateway.web.limits import SignInLimits
from gateway.web.services import Services

SERVICES: Final = web.AppKey("services", Services)
LIMITS: Final = web.AppKey("limits", SignInLimits)
HASHING: Final = web.AppKey("hashing", asyncio.Semaphore)
PRINCIPAL: Final = web.RequestKey("principal", Principal)
