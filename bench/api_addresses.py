"""The addresses of the server and one more, behind the same middleware: a view that does nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from brygga.site.urls import urlpatterns as site

EMPTY = "/bench/empty"


def empty(request: HttpRequest) -> HttpResponse:
    """The least that a request can cost."""
    return HttpResponse()


urlpatterns = [path(EMPTY.removeprefix("/"), csrf_exempt(empty)), *site]
