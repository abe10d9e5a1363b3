"""What every operation has: its address, who may call it, `$select`, and how it answers when it fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from brygga.api.auth import access, administrators, licensed, user_of
from brygga.api.errors import STATUSES, Problem
from brygga.api.select import selected

__all__ = ["operation", "user_of"]

Operation: TypeAlias = Callable[..., Any]


def _parameter(name: str, place: str, description: str) -> dict[str, object]:
    """A parameter that every operation takes and none needs, for the description of the API."""
    return {"name": name, "in": place, "required": False, "description": description, "schema": {"type": "string"}}


_PARAMETERS = [
    _parameter("$select", "query", "Members of the answer, comma-separated; the others are null."),
    _parameter("Accept-Language", "header", "The language of texts; without it, the user's own."),
    _parameter("SO-TimeZone", "header", "The time zone of times in the answer, by its IANA name; without it, UTC."),
]


def operation(router: Router, name: str, *, admin: bool = False) -> Callable[[Operation], Operation]:
    """Publish a function as the operation of this name.

    The function takes the request and, where there is one, a body (a `Model`) or query parameters; its return
    annotation is the answer, None meaning 204. Administrators' operations are marked `admin`; the others are for
    users with the licence. The first line of the docstring is the summary in the description of the API.
    """

    def publish(function: Operation) -> Operation:
        signature = inspect.signature(function, eval_str=True)
        answer = signature.return_annotation
        summary, _separator, description = inspect.cleandoc(function.__doc__ or name).partition("\n\n")

        @wraps(function)
        def called(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            result = function(request, *args, **kwargs)
            return Status(204, None) if answer is None else selected(result, request.GET.get("$select", ""))

        called.__signature__ = signature  # type: ignore[attr-defined]  # the annotations, resolved where they stand
        router.post(
            f"/{name}",
            auth=access(administrators if admin else licensed),
            response={**({204: None} if answer is None else {200: answer}), STATUSES: Problem},
            operation_id=f"v1ErpSyncAgent_{name}",
            summary=summary,
            description=description or summary,
            by_alias=True,
            openapi_extra={"parameters": _PARAMETERS},
        )(called)
        return function

    return publish
