"""A server in the foreground: it listens, says where, and stops when it is told to."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from brygga.cli.output import fail

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]


def listen(
    application: WSGIApplication,
    host: str,
    port: int,
    announce: Callable[[str], None],
    beside: AbstractContextManager[object] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; then the process ends with exit status 0.

    `announce` is called with the URL, which ends in a slash, once the port is open; `beside` is what goes on
    meanwhile, and is left after the port is closed. Callers' addresses, the scheme and the host are taken from the
    headers of BRYGGA_TRUSTED_PROXY where that is set, and from nobody else's. Raises Failed if the port cannot be had.
    """
    import waitress  # type: ignore[import-untyped]
    from django.conf import settings

    behind = _behind(settings.BRYGGA.trusted_proxy)
    try:
        server = waitress.create_server(application, host=host, port=port, threads=THREADS, ident="Brygga", **behind)
    except (OSError, ValueError) as error:
        fail(f"can't listen on {host}:{port} ({error}). Choose another port with --port.")
    # SIGINT too: a server that a script starts in the background inherits that it is ignored.
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with beside or nullcontext(), closing(server):
            announce(f"http://{f'[{host}]' if ':' in host else host}:{_port_of(server, port)}/")
            server.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _behind(proxy: str) -> dict[str, object]:
    """What tells waitress whose X-Forwarded headers to believe; without a proxy they are dropped."""
    if not proxy:
        return {}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_headers": {f"x-forwarded-{part}" for part in ("for", "host", "proto")},
    }


def _port_of(server: object, asked: int) -> int:
    """The port in use; a server on several addresses has one for each, and no single one to tell."""
    return int(getattr(server, "effective_port", asked))


def _stop(signal_number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
