"""Dialogs that the server fills: how a view answers in one, and how it ends.

Every page of the application has one `<dialog id="dialog">`. With a script it is filled over the page that stands
there; without one the view's answer is that page with the dialog open in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


@dataclass(frozen=True, slots=True)
class Around:
    """The page that a dialog stands over: its template, its address, and what makes its context when it is needed."""

    template: str
    url: str
    context: Callable[[], Mapping[str, Any]]


def in_dialog(request: HttpRequest, around: Around, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """A step of a dialog. What went wrong stands in it as `error`; that is no failure of the request."""
    inside = {"leave_url": around.url} | dict(context)
    if request.headers.get("HX-Request"):
        return render(request, template, inside)
    status = 422 if inside.get("error") else 200
    whole = dict(around.context()) | inside | {"dialog": template}
    return render(request, around.template, whole, status=status)


def done(request: HttpRequest, url: str, text: str = "") -> HttpResponse:
    """The dialog ends: to a page as it is now, with what has been done above it."""
    if text:
        messages.success(request, text)
    if not request.headers.get("HX-Request"):
        return redirect(url)
    return HttpResponse(headers={"HX-Redirect": url})
