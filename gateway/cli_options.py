"""What the commands of `filodiretto` share on their command line."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Configuration file.", show_default=False, metavar="FILE"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def chosen_file(context: typer.Context, config: Path | None) -> Path | None:
    """Return the file named after the command, else the one named before it."""
    root: Path | None = context.find_root().obj
    return config if config is not None else root
