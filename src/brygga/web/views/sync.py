"""Settings and maintenance, Quote/Sync: how sync stands, and what starts and stops it (behaviour A1 to A3)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.erp.services.automatic import set_interval, switch_automatic_sync
from brygga.web.access import administrators
from brygga.web.sync_page import TEMPLATE, IntervalForm, page_context
from brygga.web.sync_selection import Selection


@administrators
def overview(request: HttpRequest) -> HttpResponse:
    """The Sync tab."""
    return render(request, TEMPLATE, page_context(request))


@administrators
@require_POST
def automatic(request: HttpRequest) -> HttpResponse:
    """Turn automatic sync on or off."""
    switch_automatic_sync(request.POST.get("automatic") == "on")
    return redirect(Selection.of(request).page)


@administrators
@require_POST
def interval(request: HttpRequest) -> HttpResponse:
    """Set how often automatic sync runs."""
    form = IntervalForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, page_context(request, form), status=422)
    set_interval(form.cleaned_data["interval"])
    messages.success(request, _("The interval has been changed."))
    return redirect(Selection.of(request).page)
