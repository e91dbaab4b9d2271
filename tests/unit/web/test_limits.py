"""Sign-in limits: how many attempts, how soon again, and for how many keys at most."""

from support.desk import TurnedClock

from gateway.web.limits import PER_ADDRESS, PER_LOGIN, REMEMBERED, Limiter, SignInLimits


def test_attempts_come_back_with_time() -> None:
    """Somebody who mistyped waits seconds, not for an administrator."""
    clock = TurnedClock()
    limiter = Limiter(clock, burst=2, refill_s=10)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 10]
    clock.turn(5)
    assert limiter.take("a") == 5
    clock.turn(5)
    assert limiter.take("a") == 0
    clock.turn(3600)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 10]


def test_keys_do_not_share_attempts_and_only_so_many_are_remembered() -> None:
    """Ten million invented logins fill no memory."""
    limiter = Limiter(TurnedClock(), burst=1, refill_s=10)
    assert limiter.take("first") == 0
    assert limiter.take("first") > 0
    for number in range(REMEMBERED):
        limiter.take(str(number))
    assert limiter.take("first") == 0
    limiter.refund("unknown")


def test_guessing_one_login_from_many_addresses_is_limited() -> None:
    """The limit per login holds whoever asks."""
    limits = SignInLimits(TurnedClock())
    waits = [limits.take(login="anna", address=str(number)) for number in range(PER_LOGIN + 1)]
    assert waits[:-1] == [0] * PER_LOGIN
    assert waits[-1] > 0


def test_guessing_many_logins_from_one_address_is_limited() -> None:
    """The limit per address holds whomever it asks for."""
    limits = SignInLimits(TurnedClock())
    waits = [limits.take(login=str(number), address="x") for number in range(PER_ADDRESS + 1)]
    assert waits[:-1] == [0] * PER_ADDRESS
    assert waits[-1] > 0


def test_success_forgives_its_login_but_not_the_failures_of_its_address() -> None:
    """An own account must not be a way to go on guessing others'."""
    limits = SignInLimits(TurnedClock())
    for number in range(PER_ADDRESS - 1):
        limits.take(login=f"guess{number}", address="x")
    limits.take(login="own", address="x")
    limits.forgive(login="own", address="x")
    assert limits.take(login="other", address="x") == 0
    assert limits.take(login="another", address="x") > 0
