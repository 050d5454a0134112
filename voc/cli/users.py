"""`voc users` and `voc tokens`: who may sign in to the pages, and which programs may ask."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from voc.cli import place
from voc.cli.output import err, out

app = typer.Typer(no_args_is_help=True)
tokens = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name, such as ana.silva.")]
Markets = Annotated[list[str] | None, typer.Option("--market", help="Market that they see; else all. Repeat it.")]


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="viewer, operations, analyst, consulted, owner or admin.")],
    market: Markets = None,
) -> None:
    """Let somebody sign in; the password is asked for, or read from standard input where that is no terminal."""
    with place.open_workspace() as workspace:
        row = workspace.add_person(name, password=_password(), role=role, markets=market or ())
        out.print(f"{row.name} may sign in as {row.role}, for {', '.join(row.markets) or 'all markets'}.")


@app.command("list")
def every() -> None:
    """List who may sign in."""
    with place.open_workspace() as workspace:
        found = workspace.people()
        for row in found:
            out.print(f"{row.name:24} {row.role:11} {row.state:9} {', '.join(row.markets) or 'all markets'}")
        if not found:
            out.print("Nobody may sign in yet. Begin with: voc users add NAME --role admin")


@app.command("set")
def change(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="Another role.")] = "",
    market: Markets = None,
    all_markets: Annotated[bool, typer.Option("--all-markets", help="Let them see every market.")] = False,
) -> None:
    """Change somebody's role or markets."""
    with place.open_workspace() as workspace:
        row = workspace.change_person(name, role=role, markets=() if all_markets else market)
        out.print(f"{row.name} is {row.role}, for {', '.join(row.markets) or 'all markets'}.")


@app.command("disable")
def disable(name: Name) -> None:
    """Let somebody sign in no longer; what they did stays under their name."""
    with place.open_workspace() as workspace:
        workspace.change_person(name, active=False)
        out.print(f"{name} can no longer sign in; sessions are ended.")


@app.command("enable")
def enable(name: Name) -> None:
    """Let somebody sign in again."""
    with place.open_workspace() as workspace:
        workspace.change_person(name, active=True)
        out.print(f"{name} may sign in again.")


@app.command("password")
def password(name: Name) -> None:
    """Give somebody another password, which ends their sessions."""
    with place.open_workspace() as workspace:
        workspace.set_password(name, _password())
        out.print(f"{name} has a new password; sessions are ended.")


@tokens.command("add")
def add_token(
    person: Annotated[str, typer.Argument(help="Whose token it is.")],
    title: Annotated[str, typer.Option("--title", help="What it is for.")],
    scope: Annotated[list[str], typer.Option("--scope", help="counts, comments or work. Repeat it.")],
    days: Annotated[int, typer.Option("--days", help="How long it is valid.")] = 90,
) -> None:
    """Make a token for a program; its text is shown once."""
    with place.open_workspace() as workspace:
        row, text = workspace.add_token(person=person, title=title, scopes=scope, days=days)
        err.print(f"Token {row.id} of {row.person}, until {row.expires_at[:10]}. It is shown now and never again:")
        out.print(text)


@tokens.command("list")
def every_token() -> None:
    """List tokens."""
    with place.open_workspace() as workspace:
        for row in workspace.tokens(everybodys=True):
            state = "revoked" if row.revoked_at else f"until {row.expires_at[:10]}"
            out.print(f"{row.id}  {row.person:24} {', '.join(row.scopes):18} {state}  {row.title}")


@tokens.command("revoke")
def revoke_token(token: Annotated[str, typer.Argument(help="Id of the token.")]) -> None:
    """End a token."""
    with place.open_workspace() as workspace:
        workspace.revoke_token(token)
        out.print(f"Token {token} is no longer valid.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
