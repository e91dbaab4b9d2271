"""`filodiretto trunks …`: the lines to providers."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_options import ConfigOption, JsonOption, chosen_file

trunks = typer.Typer(help="Trunks: the lines to providers.", no_args_is_help=True)


@trunks.command("list")
def trunks_list(
    context: typer.Context, json: JsonOption = False, config: ConfigOption = None
) -> None:
    """List the trunks: how they are, since when, what to do."""
    from gateway.runtime.commands import trunks_list as command

    raise typer.Exit(command.run(chosen_file(context, config), json_output=json))


@trunks.command("test")
def trunks_test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The trunk: NAME or PBX:NAME.")],
    script: Annotated[
        str | None, typer.Option("--test", metavar="TEST", help="Which of its tests.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Have the running daemon call a number of your own through a trunk, and print how it goes."""
    from gateway.runtime.commands import trunks_test as command

    path = chosen_file(context, config)
    raise typer.Exit(command.test(path, name, script=script, json_output=json))


@trunks.command("providers")
def trunks_providers(json: JsonOption = False) -> None:
    """List the templates that `trunks render` knows."""
    from gateway.runtime.commands import trunks_render as command

    raise typer.Exit(command.providers(json_output=json))


@trunks.command("render")
def trunks_render(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The trunk: NAME or PBX:NAME.")],
    provider: Annotated[
        str | None, typer.Option(metavar="TEMPLATE", help="See `trunks providers`.")
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Repeat for several.")
    ] = None,
    pbx: Annotated[str | None, typer.Option(help="For which PBX, if there are several.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="A new file; default: stdout."),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Compare with what the PBX has.")] = False,
    against: Annotated[
        Path | None, typer.Option(metavar="pjsip.conf", help="Compare with a file.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether it works on the PBX.")
    ] = False,
    with_secret: Annotated[
        bool, typer.Option("--with-secret", help="Write the password instead of a placeholder.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Print a trunk's PJSIP sections and dialplan; a PBX is never written to."""
    from gateway.runtime.commands import trunks_render as command

    wish = command.Wish(
        name=name,
        pbx=pbx,
        provider=provider,
        fields=tuple(fields or ()),
        output=output,
        diff=diff,
        against=against,
        check=check,
        with_secret=with_secret,
        json_output=json,
    )
    raise typer.Exit(command.render(chosen_file(context, config), wish))
