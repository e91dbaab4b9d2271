"""`filodiretto crm …`: what CRMs would get of earlier calls."""

from typing import Annotated

import typer

from gateway.cli_options import ConfigOption, JsonOption, chosen_file

crm = typer.Typer(help="Links to CRMs: try them out, write earlier calls.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The CRM's name.")]
_DAY = "YYYY-MM-DD"


@crm.command("dry-run")
def crm_dry_run(
    context: typer.Context,
    name: NameArgument,
    first: Annotated[
        str | None, typer.Option("--from", metavar=_DAY, help="First day; default: yesterday.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar=_DAY, help="Last day; default: the first.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most calls to look at.")] = 200,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what a CRM would get of the calls of some days, and whom it does not know."""
    from gateway.runtime.commands import crm as command

    path = chosen_file(context, config)
    raise typer.Exit(
        command.dry_run(path, name=name, first=first, last=last, limit=limit, json_output=json)
    )


@crm.command("log")
def crm_log(
    context: typer.Context,
    name: NameArgument,
    first: Annotated[str, typer.Option("--from", metavar=_DAY, help="First day.")],
    last: Annotated[str, typer.Option("--to", metavar=_DAY, help="Last day.")],
    rate: Annotated[
        float, typer.Option(min=0.01, max=50, help="Calls a second, so that live ones go first.")
    ] = 2.0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Show the progress to the end.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Write the calls of some days to a CRM; doing it twice writes nothing twice."""
    from gateway.runtime.commands import crm as command

    raise typer.Exit(
        command.log(
            chosen_file(context, config),
            name=name,
            first=first,
            last=last,
            per_s=rate,
            yes=yes,
            follow=follow,
            json_output=json,
        )
    )


@crm.command("sweep")
def crm_sweep(
    context: typer.Context,
    name: NameArgument,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Take out whoever is gone, however many that are.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Read everybody in a CRM again, and take out of the directory who is gone there."""
    from gateway.runtime.commands import crm_sweep as command

    raise typer.Exit(command.run(chosen_file(context, config), name=name, confirm=confirm))
