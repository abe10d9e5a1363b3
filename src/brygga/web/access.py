"""Who may open a view. Every view of this room carries one of these decorators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from brygga.crm.models import User

View: TypeAlias = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Only for users who have logged in; others are sent to the log-in."""
    checked: View = login_required(view)
    return checked


def administrators(view: View) -> View:
    """Only for administrators; other users are told so (403), and nobody else is let in."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not user_of(request).is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return signed_in(checked)


def user_of(request: HttpRequest) -> User:
    """The user of a view that needs one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
