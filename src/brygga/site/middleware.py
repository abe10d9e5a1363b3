"""Middleware that belongs to the site and to no screen."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class SecureCookies:
    """Marks every cookie of an answer over https as secure.

    The same server answers plain http on loopback, where a cookie marked secure would never come back, so this
    is decided per request and not in the settings.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response
