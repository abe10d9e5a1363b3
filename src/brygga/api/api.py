"""The API put together: its routes, its page and its description at `/api/docs` and `/api/openapi.json`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

import brygga
from brygga.api import errors, operations
from brygga.api.auth import access, licensed
from brygga.api.bodies import BodyParser

PREFIX = "/v1/Agents/ErpSync"

_DESCRIPTION = """\
The ERP Sync agent: connectors, connections, mappings, links and the engine.

Send a token (`Authorization: Bearer …`) or a user name and a password. Members that are left out and members that are
`null` mean the same; unknown members are ignored. Enumerations are written by name, and read by name or number.
Bodies may be XML as well, with elements named as the members; answers are JSON. What goes wrong is answered as a
`Problem`, whose `Code` is stable, and changes nothing.
"""

# As everywhere, but the page has its icons as data.
_PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def _as_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view, assigned=())
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
        return response

    return shown


def _build() -> NinjaAPI:
    built = NinjaAPI(
        title="Brygga agent API",
        version=brygga.__version__,
        description=_DESCRIPTION,
        urls_namespace="api",
        parser=BodyParser(),
        auth=access(licensed),
        docs_decorator=_as_page,
    )
    errors.add_to(built)
    for module in iter_modules(operations.__path__):
        built.add_router(PREFIX, import_module(f"{operations.__name__}.{module.name}").router, tags=["ErpSync"])
    return built


api = _build()
