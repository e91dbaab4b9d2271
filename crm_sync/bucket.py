"""A token bucket: how many requests a second a tenant of a CRM may see from us."""

import asyncio

from gateway.core.ports import Clock


class TokenBucket:
    """Allows `burst` requests at once and `rate_per_s` on average; waiting is fair (FIFO)."""

    def __init__(self, *, rate_per_s: float, burst: int, clock: Clock) -> None:
        self._rate_per_s = rate_per_s
        self._burst = float(burst)
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock.monotonic()
        self._turn = asyncio.Lock()

    def wait_s(self) -> float:
        """Take a token if there is one and return 0, else return how long until there is one."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate_per_s)
        self._at = now
        # sums of floats: a token that is there but for a rounding error is there
        if self._tokens >= 1.0 - 1e-9:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate_per_s

    async def take(self) -> None:
        """Return when a request may go out."""
        async with self._turn:
            pause_s = self.wait_s()
            while pause_s > 0:
                await asyncio.sleep(pause_s)
                pause_s = self.wait_s()
