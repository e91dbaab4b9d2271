"""Sign-in limits, taken before any password is hashed: hashing is the costly part."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from gateway.core.ports import Clock

REMEMBERED: Final = 10_000
PER_LOGIN: Final = 5
PER_ADDRESS: Final = 20
LOGIN_REFILL_S: Final = 30.0
ADDRESS_REFILL_S: Final = 6.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limiter:
    """Token buckets by key: `burst` attempts at once, then one each `refill_s` seconds.

    Keeps at most 10 000 keys; the least recently used is forgotten first.
    """

    def __init__(self, clock: Clock, *, burst: int, refill_s: float) -> None:
        self._clock = clock
        self._burst = burst
        self._refill_s = refill_s
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """Use one attempt; returns 0, or the seconds to wait if there is none left."""
        now = self._clock.monotonic()
        bucket = self._buckets.pop(key, None) or _Bucket(tokens=float(self._burst), at=now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) / self._refill_s)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) * self._refill_s
        bucket.tokens -= 1
        return 0.0

    def refund(self, key: str) -> None:
        """Give one attempt back: it was no guess."""
        bucket = self._buckets.get(key)
        if bucket is not None:
            bucket.tokens = min(self._burst, bucket.tokens + 1)

    def forgive(self, key: str) -> None:
        """Give all attempts back."""
        self._buckets.pop(key, None)


class SignInLimits:
    """The two limits of sign-in: per login and per address."""

    def __init__(self, clock: Clock) -> None:
        self._logins = Limiter(clock, burst=PER_LOGIN, refill_s=LOGIN_REFILL_S)
        self._addresses = Limiter(clock, burst=PER_ADDRESS, refill_s=ADDRESS_REFILL_S)

    def take(self, *, login: str | None, address: str) -> float:
        """Use one attempt of both, without a login of the address; returns the seconds to wait."""
        by_login = self._logins.take(login) if login is not None else 0.0
        return max(self._addresses.take(address), by_login)

    def refund(self, *, login: str | None, address: str) -> None:
        """Give one attempt of both back: it guessed nothing."""
        if login is not None:
            self._logins.refund(login)
        self._addresses.refund(address)

    def forgive(self, *, login: str, address: str) -> None:
        """Forget the failures of a login that turned out right; those on other logins stay."""
        self._logins.forgive(login)
        self._addresses.refund(address)
