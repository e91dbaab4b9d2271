"""How long to wait before the next attempt to connect."""

import random
from typing import Final

from adapters.asterisk import faults
from adapters.asterisk.settings import LinkLimits
from gateway.core.errors import AuthError, FilodirettoError

# About half a minute's attempts, and not more than fail2ban lets pass on FreePBX.
SPARED: Final = 4


class Backoff:
    """Doubling pauses with full jitter; after several refused logins one long, fixed pause."""

    def __init__(self, limits: LinkLimits, rng: random.Random) -> None:
        self._limits = limits
        self._rng = rng
        self._failures = 0
        self._spared = 0
        self.refusals = 0

    @property
    def banned_soon(self) -> bool:
        """Whether a further refused login would be too many for fail2ban."""
        return self.refusals >= self._limits.refusals

    def succeeded(self) -> None:
        """Forget the failures: the link works."""
        self._failures = 0
        self.refusals = 0

    def signed_in(self) -> None:
        """Forget the refusals: the password is right."""
        self.refusals = self._spared = 0

    def going_down(self) -> None:
        """Note that the PBX is being stopped: it refuses everybody until it is gone."""
        self._spared = SPARED

    def spares(self) -> bool:
        """Whether a refused login says nothing about the password; asked once for each."""
        self._spared = max(-1, self._spared - 1)
        return self._spared >= 0

    def after(self, error: FilodirettoError) -> tuple[FilodirettoError, float]:
        """Return what to tell of a link that ended with `error`, and the pause in seconds."""
        if not isinstance(error, AuthError):
            return error, self.failed()
        if self.spares():
            return faults.shutting_down(), self.failed()
        pause = self.refused()
        return faults.refused(late=self.banned_soon), pause

    def failed(self) -> float:
        """Return the pause after a failure that says nothing about the password, in seconds."""
        limits = self._limits
        most = min(limits.backoff_most_s, limits.backoff_first_s * 2 ** min(self._failures, 30))
        self._failures += 1
        return self._rng.uniform(0.0, most)

    def refused(self) -> float:
        """Return the pause after a refused login, in seconds."""
        self.refusals += 1
        pause = self.failed()
        return self._limits.refused_retry_s if self.banned_soon else pause
