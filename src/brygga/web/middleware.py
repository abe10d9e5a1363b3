"""What holds for every request: headers that keep foreign code out, and the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from brygga.crm.models import User
from brygga.erp.shown import zone_of

Handler: TypeAlias = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Everything comes from this server and nothing stands inline, so injected markup cannot run."""


class SecurityHeaders:
    """Adds the content security policy and its companions to every answer that has none."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.path.startswith(settings.STATIC_URL):
            return response
        # Pages show customers' data: they belong in no shared cache and not in the browser's after log-out.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class UserLocale:
    """Speaks the signed-in user's language, in the browser's time zone.

    Anybody else is spoken to in the browser's language (LocaleMiddleware). The browser tells its time zone in a
    cookie. Stands after AuthenticationMiddleware.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.user.language if isinstance(request.user, User) else ""
        if translation.check_for_language(language):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        with timezone.override(zone_of(request.COOKIES.get("brygga_zone", ""))):
            return self._get_response(request)
