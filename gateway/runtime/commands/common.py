"""What the subcommands share: the configuration, the store, tables for people and machines."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.core.errors import ConfigError
from gateway.core.numbers import NumberPlan
from gateway.runtime import loading
from gateway.runtime.loading import Loaded
from gateway.store.database import Connection, Database

T = TypeVar("T")
OK: Final = 0
FAILURE: Final = 1
PIPE_WIDTH: Final = 200
VERDICT_STYLES: Final = {"ok": "green", "warning": "yellow", "failed": "red"}


def with_store(
    path: Path | None, work: Callable[[Loaded, Database], Coroutine[None, None, T]]
) -> T:
    """Load the configuration, open its store, run `work`, close the store."""
    loaded = loading.load(path)

    async def opened() -> T:
        prepare_data_dir(loaded)
        database = await Database.open(loaded.settings.database_url)
        try:
            return await work(loaded, database)
        finally:
            await database.close()

    return asyncio.run(opened())


def write_store(path: Path | None, work: Callable[[Connection], T]) -> T:
    """Run `work` in one durable transaction."""

    async def written(_loaded: Loaded, database: Database) -> T:
        return await database.write(work)

    return with_store(path, written)


def read_store(path: Path | None, work: Callable[[Connection], T]) -> T:
    """Run `work` on one consistent state."""

    async def found(_loaded: Loaded, database: Database) -> T:
        return await database.read(work)

    return with_store(path, found)


def prepare_data_dir(loaded: Loaded) -> None:
    """Make the data directory, readable for its owner only."""
    folder = loaded.settings.gateway.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The data directory cannot be made: {error.strerror}.",
            where=f"gateway.data_dir = {folder}",
            remedy="Name a directory that the user running Filodiretto may write to.",
        ) from error


def plan_of(loaded: Loaded) -> NumberPlan:
    """Return the plan that reads numbers which people type or import."""
    return NumberPlan(loaded.settings.gateway.country)


def show(
    rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], *, json_output: bool
) -> None:
    """Print rows as a table, or as one JSON object per line; `columns` maps keys to headings."""
    if json_output:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(key)) for key in columns))
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH  # a pipe has no width of its own; 80 would cut every sentence
    console.print(table)


def _cell(value: object) -> Text:
    if value is None:
        return Text("")
    if isinstance(value, list | tuple):
        return Text(", ".join(str(item) for item in value))
    return Text(str(value), style=VERDICT_STYLES.get(str(value), ""))


def say(text: str) -> None:
    """Print one line for a person."""
    Console(highlight=False, soft_wrap=True).print(text, markup=False)
