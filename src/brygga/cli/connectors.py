"""`brygga connector …`: connectors listed, begun, served and checked."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from brygga.cli.connector_check import check
from brygga.cli.connector_new import new
from brygga.cli.listening import Host, Port, listen
from brygga.cli.output import USAGE, fail, print_json, print_table
from brygga.cli.records import Json

app = typer.Typer(help="Connectors: the code that knows one kind of ERP.", no_args_is_help=True)
app.command()(new)
app.command()(check)

_LANGUAGE = "en"

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Connectors to serve; none = all.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the connectors that are installed on this server."""
    from brygga import connectors
    from brygga.contract.localised import text_for

    rows = [
        {
            "name": name,
            "title": text_for(connector.title, _LANGUAGE),
            "description": text_for(connector.description, _LANGUAGE),
        }
        for name, connector in connectors.installed().items()
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(("Name", "Title", "Description"), [tuple(row.values()) for row in rows])


@app.command()
def serve(names: Names = None, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Serve connectors over SOAP to CRM installations, and nothing else. Stop it with Ctrl+C or SIGTERM.

    Whoever reaches the port may call them: listen on other addresses than this machine's own in closed networks only.
    """
    from django.conf import settings

    from brygga import connectors
    from brygga.soap.host import PATH
    from brygga.soap.serving import serving

    offered = list(dict.fromkeys(names or connectors.installed()))
    try:
        application = serving(offered, settings.BRYGGA, [f"[{host}]" if ":" in host else host])
    except LookupError as error:
        fail(str(error), USAGE)

    def announce(url: str) -> None:
        for name in offered:
            print(f"{name} listens on {url}{PATH[1:]}?ConnectorName={quote(name, safe='')}", flush=True)

    listen(application, host, port, announce)
