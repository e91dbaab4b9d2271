"""Performs plays and keeps their streams: `python -m support.asterisk_lab.record_plays FOLDER`.

`--release asterisk16`, `--labs N` and names of plays (or of families) narrow it down.
"""

import argparse
import sys
import time
from pathlib import Path

from support.asterisk_lab.chroot import ASTERISK_16, RELEASES
from support.asterisk_lab.performance import Result, explain, perform_all
from support.asterisk_lab.plays.catalogue import CATALOGUE, Play


def main() -> None:
    """Perform what is asked for and print what became of it."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("names", nargs="*")
    options.add_argument("--release", default="asterisk22", choices=RELEASES)
    options.add_argument("--labs", type=int, default=4)
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    release = RELEASES[given.release]
    plays = [
        play
        for play in CATALOGUE.values()
        if (not given.names or {play.name, play.family} & set(given.names))
        and (play.on_16 or release != ASTERISK_16)
    ]
    began = time.monotonic()
    good: list[str] = []

    def tell(play: Play, result: Result) -> None:
        lines = explain(result)
        if not lines:
            good.append(play.name)
        sys.stdout.write(f"{'ok   ' if not lines else 'WRONG'} {play.family}: {play.name}\n")
        for line in lines:
            sys.stdout.write(f"      {line}\n")
        sys.stdout.flush()

    perform_all(plays, release=release, labs=given.labs, save=given.folder, on_result=tell)
    spent = time.monotonic() - began
    sys.stdout.write(f"{len(good)} of {len(plays)} agree, {spent:.0f} s\n")


if __name__ == "__main__":
    main()
