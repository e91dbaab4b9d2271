"""Password hashes."""

import time

from gateway.store.passwords import DUMMY_HASH, hash_password, needs_rehash, verify_password


def test_a_password_is_verified_against_its_own_hash_only() -> None:
    """Salted argon2id: the same password twice gives two hashes."""
    one, two = hash_password("pronto"), hash_password("pronto")
    assert one != two
    assert one.startswith("$argon2id$")
    assert verify_password(one, "pronto")
    assert not verify_password(one, "Pronto")
    assert not needs_rehash(one)
    assert needs_rehash(one.replace("t=3", "t=2"))


def test_a_damaged_hash_lets_nobody_in() -> None:
    """A row edited by hand is no way in."""
    assert not verify_password("", "")
    assert not verify_password("plain", "plain")
    assert needs_rehash("plain")


def test_an_unknown_login_takes_as_long_as_a_known_one() -> None:
    """Else the time of a refusal tells which logins exist."""
    stored = hash_password("pronto")

    def seconds(against: str | None) -> float:
        started = time.process_time()
        assert not verify_password(against, "wrong")
        return time.process_time() - started

    known, unknown = (min(seconds(against) for _ in range(3)) for against in (stored, None))
    assert 0.3 < unknown / known < 3
    assert not needs_rehash(DUMMY_HASH)
