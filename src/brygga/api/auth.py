"""Who calls, and what they may: a token, a user name with a password, or the browser's session (behaviour A5, U1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TypeAlias

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from brygga.api import limits
from brygga.api.errors import NotLoggedIn
from brygga.crm.models import User
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services import tokens
from brygga.erp.errors import Denied
from brygga.erp.shown import zone_of

Right: TypeAlias = Callable[[User], str]
"""Why a user may not call an operation, in the user's language; empty if it may."""


def administrators(user: User) -> str:
    """Only administrators (behaviour C3)."""
    return "" if user.is_administrator else _("Only administrators may do this.")


def licensed(user: User) -> str:
    """Only users who have the licence for ERP sync (behaviour U1)."""
    return "" if user.has_licence(ERP_SYNC) else _("Only users with a licence for ERP sync may do this.")


def user_of(request: HttpRequest) -> User:
    """The user in whose name an operation was called."""
    user = request.auth  # type: ignore[attr-defined]  # set by ninja from what the classes below return
    assert isinstance(user, User)
    return user


def speak(request: HttpRequest, user: User) -> None:
    """Answer in the language that the request asks for, else in the user's, and in the time zone it asks for."""
    asked = request.headers.get("SO-Language") or request.headers.get("Accept-Language") or ""
    translation.activate(_spoken(asked) or _spoken(user.language) or "en")
    if zone := zone_of(request.headers.get("SO-TimeZone", "")):
        timezone.activate(zone)  # until the end of the request, where the middleware puts back what was


def _spoken(asked: str) -> str:
    """The first of the languages asked for that Brygga speaks; empty if it speaks none."""
    for code, _quality in parse_accept_lang_header(asked.lower()):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return ""


class _Access(AuthBase):
    """One way to show who calls. An answer of None means that the caller did not try this way."""

    def __init__(self, right: Right) -> None:
        self._right = right
        super().__init__()

    def _admit(self, request: HttpRequest, user: User) -> User:
        speak(request, user)
        if reason := self._right(user):
            raise Denied(reason, f"user {user.username!r}: no right to {request.path}")
        return user


class Token(_Access):
    """A token of a user, as `Authorization: Bearer …`; made by `brygga token create`."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> User | None:
        """The token's user. Raises NotLoggedIn, Denied and TooManyFailures."""
        key = _credentials(request, "bearer")
        if key is None:
            return None
        limits.check(request)
        user = tokens.user_of(key)
        if user is None:
            limits.note_failure(request)
            raise NotLoggedIn(_("The token is unknown or has been revoked. Make a new one."), "unknown token")
        return self._admit(request, user)


class Password(_Access):
    """A user name and a password, as `Authorization: Basic …`."""

    openapi_type = "http"
    openapi_scheme = "basic"

    def __call__(self, request: HttpRequest) -> User | None:
        """The user. Raises NotLoggedIn, Denied and TooManyFailures."""
        encoded = _credentials(request, "basic")
        if encoded is None:
            return None
        username, password = _name_and_password(encoded)
        limits.check(request, username)
        user = authenticate(request, username=username, password=password)
        if not isinstance(user, User):
            limits.note_failure(request, username)
            raise NotLoggedIn(_("The user name or the password is wrong."), "wrong user name or password")
        return self._admit(request, user)


class Session(_Access):
    """The session of a browser in which the user has logged in; needs the CSRF token as every form does."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "brygga_session"
    csrf = True  # has the page of the API send the token

    def __call__(self, request: HttpRequest) -> User | None:
        """The user who is logged in. Raises Denied."""
        if not isinstance(request.user, User):
            return None
        if check_csrf(request):
            raise Denied(_("The request does not come from a page of this server. Load the page again."), "CSRF")
        return self._admit(request, request.user)


def access(right: Right) -> list[AuthBase]:
    """The ways to call an operation that takes this right."""
    return [Token(right), Password(right), Session(right)]


def _credentials(request: HttpRequest, scheme: str) -> str | None:
    given, _space, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if given.lower() == scheme else None


def _name_and_password(encoded: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        name = colon = password = ""
    if not colon or "\0" in name:
        raise NotLoggedIn(_("The user name or the password is wrong."), "the Authorization header can't be read")
    return name, password
