"""The `filodiretto` command: parses, hands on, and turns every failure into cause and remedy.

Exit codes: 0 ok, 1 finding or failure, 2 usage or configuration.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli_crm import crm as crm_commands
from gateway.cli_options import ConfigOption, JsonOption, chosen_file
from gateway.cli_people import setup_link, tokens, users
from gateway.cli_trunks import trunks
from gateway.core.errors import ConfigError, FilodirettoError, UsageError

EXIT_FAILURE = 1
EXIT_USAGE = 2

app = typer.Typer(
    name="filodiretto",
    help="Filodiretto joins the telephone system to the CRM.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
contacts = typer.Typer(help="The embedded directory of contacts.", no_args_is_help=True)
outbox = typer.Typer(help="What is written, or to be written, to CRMs.", no_args_is_help=True)
database = typer.Typer(help="The database.", no_args_is_help=True)
privacy = typer.Typer(help="What is known of people outside.", no_args_is_help=True)
for name, group in {
    "contacts": contacts,
    "users": users,
    "tokens": tokens,
    "trunks": trunks,
    "outbox": outbox,
    "crm": crm_commands,
    "db": database,
    "privacy": privacy,
}.items():
    app.add_typer(group, name=name)
app.command("setup-link")(setup_link)


@app.callback()
def _options(context: typer.Context, config: ConfigOption = None) -> None:
    context.obj = config


@app.command()
def run(context: typer.Context, config: ConfigOption = None) -> None:
    """Run the daemon until it is told to stop (SIGTERM, Ctrl-C)."""
    from gateway.runtime.tuning import put_off_tidying

    put_off_tidying()
    from gateway.runtime.commands import daemon

    raise typer.Exit(daemon.run(chosen_file(context, config)))


@app.command()
def demo(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where the page is served.")
    ] = "127.0.0.1:8080",
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="2 is twice as fast.")] = 1.0,
    json: JsonOption = False,
) -> None:
    """Replay recorded real calls: no PBX, no CRM, no configuration, no network."""
    from gateway.runtime.commands import demo as command

    raise typer.Exit(command.run(listen=listen, speed=speed, json_output=json))


@app.command()
def check(
    context: typer.Context,
    crm: Annotated[str, typer.Option(metavar="NAME", help="With --try: which CRM.")] = "",
    number: Annotated[
        str,
        typer.Option("--try", metavar="NUMBER", help="Show what a CRM says, and would be sent."),
    ] = "",
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Validate the configuration and probe each PBX, CRM and the database."""
    from gateway.runtime.commands import check as command
    from gateway.runtime.commands import try_crm

    if bool(crm) != bool(number):
        raise UsageError("--crm and --try belong together.", remedy='--crm NAME --try "+39…"')
    if crm:
        path = chosen_file(context, config)
        raise typer.Exit(try_crm.run(path, crm=crm, number=number, json_output=json))
    raise typer.Exit(command.run(chosen_file(context, config), json_output=json))


@app.command()
def replay(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE.ami…", help="Recorded streams.")],
    json: JsonOption = False,
    country: Annotated[
        str | None, typer.Option(help="Country of the PBX (ISO 3166), default IT.")
    ] = None,
    pbx: Annotated[str | None, typer.Option(help="Name of the PBX (with -c: which one).")] = None,
    config: ConfigOption = None,
) -> None:
    """Read recorded AMI streams and print the call records; needs no database, no network."""
    from gateway.runtime.commands import replay as command

    chosen = chosen_file(context, config)
    raise typer.Exit(command.run(files, json_output=json, country=country, pbx=pbx, config=chosen))


@app.command()
def record(
    context: typer.Context,
    pbx: Annotated[str, typer.Option(help="Name of the PBX in the configuration.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.ami")],
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace numbers and names consistently.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Record a PBX's stream for a bug report or a test, until Ctrl-C."""
    from gateway.runtime.commands import record as command

    raise typer.Exit(
        command.run(chosen_file(context, config), pbx=pbx, output=output, pseudonymise=pseudonymise)
    )


@contacts.command("import")
def contacts_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would change, write nothing.")
    ] = False,
    refused: Annotated[
        Path | None,
        typer.Option("--refused", metavar="OUT.csv", help="Write the refused rows to a file."),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Import contacts from CSV or vCard; the same file again changes nothing."""
    from gateway.runtime.commands import contacts as command

    raise typer.Exit(
        command.import_contacts(
            chosen_file(context, config), file, preview=preview, refused=refused, json_output=json
        )
    )


@contacts.command("ignore")
def contacts_ignore(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="02 1234* is a range.")],
    reason: Annotated[str, typer.Option(help="Why, shown on the pop.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it off the list.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also a range as wide as a country.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Ignore calls from NUMBER; they are recorded all the same."""
    from gateway.runtime.commands import contacts as command

    file = chosen_file(context, config)
    raise typer.Exit(command.ignore(file, number, reason=reason, remove=remove, force=force))


@contacts.command("find")
def contacts_find(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Find who calls from NUMBER and explain each step."""
    from gateway.runtime.commands import contacts as command

    raise typer.Exit(command.find(chosen_file(context, config), number, json_output=json))


@outbox.command("list")
def outbox_list(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option(help="pending, leased, delivered, dead, parked or dropped.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List effects with their attempts, cause and receipt."""
    from gateway.runtime.commands import outbox as command

    raise typer.Exit(
        command.list_effects(chosen_file(context, config), state=state, json_output=json)
    )


@outbox.command("causes")
def outbox_causes(
    context: typer.Context, json: JsonOption = False, config: ConfigOption = None
) -> None:
    """Say why effects stand still, and how many for each reason."""
    from gateway.runtime.commands import outbox as command

    raise typer.Exit(command.list_causes(chosen_file(context, config), json_output=json))


@outbox.command("retry")
def outbox_retry(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="ID")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead letter.")] = False,
    crm: Annotated[str | None, typer.Option(help="The dead letters of this CRM.")] = None,
    cause: Annotated[
        str | None, typer.Option(help="The dead letters with this cause, as `causes` says it.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Put dead or parked effects back in line."""
    from gateway.runtime.commands import outbox as command

    file = chosen_file(context, config)
    raise typer.Exit(command.retry(file, key=key, all_dead=all_dead, connector=crm, cause=cause))


@outbox.command("drop")
def outbox_drop(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID")],
    config: ConfigOption = None,
) -> None:
    """Give an effect up for good; it stays in the list as dropped."""
    from gateway.runtime.commands import outbox as command

    raise typer.Exit(command.drop(chosen_file(context, config), key=key))


@privacy.command("erase")
def privacy_erase(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="NUMBER|CONTACT")],
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would go, erase nothing.")
    ] = False,
    keep_away: Annotated[
        bool, typer.Option("--keep-away", help="No file and no CRM brings them back.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Erase a person: entry, calls, notes, promises, contacts. It cannot be undone."""
    from gateway.runtime.commands import privacy as command

    chosen = chosen_file(context, config)
    raise typer.Exit(
        command.erase(chosen, target, preview=preview, keep_away=keep_away, json_output=json)
    )


@privacy.command("readmit")
def privacy_readmit(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="NUMBER|CONTACT")],
    config: ConfigOption = None,
) -> None:
    """Let files and CRMs bring back a person who was erased with --keep-away."""
    from gateway.runtime.commands import privacy as command

    raise typer.Exit(command.readmit(chosen_file(context, config), target))


@privacy.command("export")
def privacy_export(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="NUMBER|CONTACT")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: stdout.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write everything that is kept about a person into one JSON document."""
    from gateway.runtime.commands import privacy as command

    raise typer.Exit(command.export(chosen_file(context, config), target, output=output))


@database.command("upgrade")
def db_upgrade(context: typer.Context, config: ConfigOption = None) -> None:
    """Bring the tables to this version; `run` does it by itself."""
    from gateway.runtime.commands import database as command

    raise typer.Exit(command.upgrade(chosen_file(context, config)))


@database.command("check")
def db_check(context: typer.Context, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Check integrity, foreign keys and version."""
    from gateway.runtime.commands import database as command

    raise typer.Exit(command.check(chosen_file(context, config), json_output=json))


@database.command("backup")
def db_backup(
    context: typer.Context,
    output: Annotated[Path, typer.Argument(metavar="FILE")],
    config: ConfigOption = None,
) -> None:
    """Copy the database while it is in use."""
    from gateway.runtime.commands import database as command

    raise typer.Exit(command.backup(chosen_file(context, config), output))


def main() -> None:
    """Entry point of the console script."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        app()
    except FilodirettoError as error:
        where = getattr(error, "where", "")
        console.print(f"error: {f'{where}: ' if where else ''}{error.message}", markup=False)
        if error.remedy:
            console.print(f"remedy: {error.remedy}", markup=False)
        raise SystemExit(
            EXIT_USAGE if isinstance(error, ConfigError | UsageError) else EXIT_FAILURE
        ) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(EXIT_FAILURE) from None
