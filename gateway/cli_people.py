"""`filodiretto users …`, `tokens …` and `setup-link`: who may come in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_options import ConfigOption, JsonOption, chosen_file

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens.", no_args_is_help=True)


@users.command("add")
def users_add(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    name: Annotated[str, typer.Option(help="Name shown to colleagues.")] = "",
    role: Annotated[
        str, typer.Option(help="agent, supervisor, pbx-admin, privacy or admin.")
    ] = "agent",
    extension: Annotated[
        list[str] | None, typer.Option(metavar="[PBX:]1001", help="Repeat for several.")
    ] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Repeat for several.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Add a person; without a password they sign in by token."""
    from gateway.runtime.commands import people as command

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    raise typer.Exit(
        command.add_user(
            chosen_file(context, config),
            login=login,
            name=name or login,
            role=role,
            extensions=tuple(extension or ()),
            teams=tuple(team or ()),
            password=password,
        )
    )


@users.command("import")
def users_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would change, write nothing.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Add or change people from CSV: login, name, role, extension, team, password.

    Any order of columns; only login is needed. Rows that cannot be taken are named with their
    reason and do not hold up the others; the same file again changes nothing. A password counts
    for new people only.
    """
    from gateway.runtime.commands import people as command

    chosen = chosen_file(context, config)
    raise typer.Exit(command.import_users(chosen, file, preview=preview, json_output=json))


@users.command("list")
def users_list(
    context: typer.Context, json: JsonOption = False, config: ConfigOption = None
) -> None:
    """List people with their roles and extensions."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.list_users(chosen_file(context, config), json_output=json))


@users.command("disable")
def users_disable(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    config: ConfigOption = None,
) -> None:
    """Shut a person out at once; their tokens and sessions end."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.disable_user(chosen_file(context, config), login=login))


@users.command("set-password")
def users_set_password(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    config: ConfigOption = None,
) -> None:
    """Set a person's password, read from standard input; their sessions end."""
    from gateway.runtime.commands import people as command

    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    raise typer.Exit(
        command.set_password(chosen_file(context, config), login=login, password=password)
    )


@users.command("enable")
def users_enable(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    config: ConfigOption = None,
) -> None:
    """Let a disabled person in again."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.enable_user(chosen_file(context, config), login=login))


@users.command("reset-totp")
def users_reset_totp(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    config: ConfigOption = None,
) -> None:
    """Forget a person's second factor, for a lost telephone; their sessions end."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.reset_totp(chosen_file(context, config), login=login))


@users.command("link")
def users_link(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    subject: Annotated[str, typer.Option(help="`sub` of the account at the identity provider.")],
    config: ConfigOption = None,
) -> None:
    """Bind a person to an account of the company's identity provider."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.link_user(chosen_file(context, config), login=login, subject=subject))


def setup_link(context: typer.Context, config: ConfigOption = None) -> None:
    """Print a link, valid once for 15 minutes, that makes the first administrator."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.setup_link(chosen_file(context, config)))


@tokens.command("create")
def tokens_create(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; default: all of the role.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 90,
    config: ConfigOption = None,
) -> None:
    """Create an API token; it is printed once, alone on standard output."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(
        command.create_token(
            chosen_file(context, config), login=login, scopes=tuple(scope or ()), days=days
        )
    )


@tokens.command("list")
def tokens_list(
    context: typer.Context, json: JsonOption = False, config: ConfigOption = None
) -> None:
    """List tokens, never their values."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.list_tokens(chosen_file(context, config), json_output=json))


@tokens.command("revoke")
def tokens_revoke(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="ID")],
    config: ConfigOption = None,
) -> None:
    """Revoke a token by the id that `tokens list` shows."""
    from gateway.runtime.commands import people as command

    raise typer.Exit(command.revoke_token(chosen_file(context, config), token_id=token_id))
