"""When a connector is paused as a whole."""

from support.crm_records import HandClock

from crm_sync.breaker import Breaker, BreakerPhase, BreakerPolicy
from gateway.core.errors import AuthError, RejectedError, TransientError

REFUSED = TransientError("Refused.", adapter="crm", remedy="Check.")


def breaker() -> Breaker:
    """Return a closed breaker with the default limits and no luck."""
    return Breaker(BreakerPolicy(), dice=lambda: 1.0)


def test_single_failures_do_not_pause_the_connector() -> None:
    """One slow record must not stop the others."""
    clock, one = HandClock(), breaker()
    for _ in range(4):
        assert not one.failed(REFUSED, clock.now())
    assert one.allowance(clock.now(), 4) == 4
    one.succeeded()
    assert not one.failed(REFUSED, clock.now())


def test_failures_in_a_row_open_it_and_say_why() -> None:
    """A CRM that is down is asked once per pause, not once per waiting call."""
    clock, one = HandClock(), breaker()
    opened = [one.failed(REFUSED, clock.now()) for _ in range(5)]
    assert opened == [False, False, False, False, True]
    state = one.state(clock.now())
    assert (state.phase, state.cause) == (BreakerPhase.OPEN, "Refused. Check.")
    assert state.since == clock.now()
    assert one.allowance(clock.now(), 4) == 0


def test_after_the_pause_one_effect_tries() -> None:
    """The queue does not fall on a CRM that has just come back."""
    clock, one = HandClock(), breaker()
    for _ in range(5):
        one.failed(REFUSED, clock.now())
    clock.forward(5)
    assert one.allowance(clock.now(), 4) == 1
    one.started()
    assert one.allowance(clock.now(), 4) == 0
    assert one.state(clock.now()).phase is BreakerPhase.TRYING
    assert one.succeeded()
    assert one.allowance(clock.now(), 4) == 4


def test_failed_try_doubles_the_pause() -> None:
    """The longer it is down, the rarer it is asked, up to five minutes."""
    clock, one = HandClock(), breaker()
    for _ in range(5):
        one.failed(REFUSED, clock.now())
    pauses = []
    for _ in range(8):
        until = one.opens_at()
        assert until is not None
        pauses.append((until - clock.now()).total_seconds())
        clock.forward(pauses[-1])
        one.started()
        assert not one.failed(REFUSED, clock.now())
    assert pauses == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]


def test_refused_sign_in_opens_it_at_once() -> None:
    """Repeating a wrong password locks accounts."""
    clock, one = HandClock(), breaker()
    assert one.failed(AuthError("Who?", adapter="crm"), clock.now())
    clock.forward(59)
    assert one.allowance(clock.now(), 4) == 0
    clock.forward(1)
    assert one.allowance(clock.now(), 4) == 1


def test_retry_after_pauses_the_whole_connector() -> None:
    """Rate limits are per tenant: the next call would get the same 429."""
    clock, one = HandClock(), breaker()
    assert one.failed(TransientError("Slower.", adapter="crm", retry_after_s=30.0), clock.now())
    clock.forward(29)
    assert one.allowance(clock.now(), 4) == 0
    clock.forward(1)
    assert one.allowance(clock.now(), 4) == 1


def test_rejections_in_a_row_pause_too() -> None:
    """A wrong address refuses everything; it must not turn the queue into dead letters."""
    clock, one = HandClock(), breaker()
    opened = [one.failed(RejectedError("No.", adapter="crm"), clock.now()) for _ in range(5)]
    assert opened[-1]


def test_abandoned_try_frees_the_place() -> None:
    """A try that never reached the CRM must not keep the breaker open for ever."""
    clock, one = HandClock(), breaker()
    for _ in range(5):
        one.failed(REFUSED, clock.now())
    clock.forward(5)
    one.started()
    one.abandoned()
    assert one.allowance(clock.now(), 4) == 1
