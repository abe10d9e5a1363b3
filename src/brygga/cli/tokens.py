"""`brygga token …`: keys to the agent API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from brygga.cli.output import print_json, print_table
from brygga.cli.records import Json

if TYPE_CHECKING:
    from brygga.crm.models import ApiToken

app = typer.Typer(help="Tokens: keys to the agent API in a user's name.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(metavar="USER", help="The log-in name.")]


@app.command()
def create(
    user: Username,
    name: Annotated[str, typer.Option("--name", help="What the token is for.")] = "command line",
    as_json: Json = False,
) -> None:
    """Make a token and print its key, which cannot be shown again."""
    from brygga.crm.services import tokens, users

    token, key = tokens.create_token(users.find_user(user), name)
    if as_json:
        print_json(_row(token) | {"token": key})
    else:
        print(key)


@app.command("list")
def list_(user: Username, as_json: Json = False) -> None:
    """List the tokens of a user that can be used: their beginnings, and when they were last used."""
    from brygga.crm.services import tokens, users

    rows = [_row(token) for token in tokens.list_tokens(users.find_user(user))]
    if as_json:
        print_json(rows)
    else:
        print_table(("Id", "Name", "Begins with", "Made", "Last used"), [tuple(row.values()) for row in rows])


@app.command()
def revoke(
    user: Username,
    token_id: Annotated[int, typer.Argument(metavar="ID", help="The token, by the id that the list shows.")],
) -> None:
    """Make a token useless from now on."""
    from brygga.crm.services import tokens, users

    tokens.revoke_token(users.find_user(user), token_id)
    print(f"Token {token_id} of {user} is revoked.")


def _row(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.pk,
        "name": token.name,
        "start": token.start,
        "created": token.created_at,
        "last_used": token.last_used_at,
    }
