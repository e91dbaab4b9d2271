"""What a frame weighs while it is kept for pages that come back."""

import tracemalloc

from gateway.desk.frames import encode_data


def test_encoded_data_holds_no_more_memory_than_it_has_bytes() -> None:
    """The encoder writes into a buffer several times as large, which would stay with each frame."""
    card = {"who": {"name": "Marta Bellandi", "tags": ["vip"] * 8}, "notes": ["…" * 40] * 20}
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [encode_data(card) for _ in range(100)]
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert held < 1.2 * sum(map(len, kept))
