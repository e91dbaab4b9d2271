"""What fuzzing found once is never found again, and the fuzzer's targets hold on real streams."""

import base64
import random
from pathlib import Path

import pytest
from support.fuzz_targets import TARGETS
from support.recorded import NAMES, recording

CORPUS = Path(__file__).parent / "corpus"
KEPT = [
    (path.stem, number, base64.b64decode(line))
    for path in sorted(CORPUS.glob("*.txt"))
    for number, line in enumerate(path.read_text(encoding="ascii").split())
]
ROUNDS = 40


@pytest.mark.parametrize(
    ("target", "data"),
    [(target, data) for target, _, data in KEPT],
    ids=[f"{target}-{number}" for target, number, _ in KEPT],
)
def test_input_that_mattered_once_holds(target: str, data: bytes) -> None:
    """Each line broke something, or reaches code that no other line reaches."""
    TARGETS[target](data)


@pytest.mark.parametrize("target", ["framing", "translation"])
def test_damaged_recordings_hold(target: str) -> None:
    """Bytes are lost, doubled and changed as a broken link would do it."""
    chance = random.Random(31)  # noqa: S311 - a repeatable choice, no secret
    for turn in range(ROUNDS):
        stream = bytearray(recording(NAMES[turn % len(NAMES)])[0][:20_000])
        for _ in range(turn % 8):
            start = chance.randrange(len(stream))
            stop = min(len(stream), start + chance.randrange(1, 300))
            match chance.randrange(3):
                case 0:
                    del stream[start:stop]
                case 1:
                    stream[start:start] = stream[start:stop]
                case _:
                    stream[start] = chance.randrange(256)
        TARGETS[target](chance.randbytes(4) + bytes(stream))


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_noise_holds(target: str) -> None:
    """Any bytes at all, from none to many."""
    chance = random.Random(17)  # noqa: S311 - a repeatable choice, no secret
    for turn in range(ROUNDS):
        TARGETS[target](chance.randbytes(turn * 12))
