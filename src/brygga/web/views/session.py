"""Logging in and out, and the start page."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from brygga.web.access import signed_in
from brygga.web.kinds import COMPANIES

login = LoginView.as_view(template_name="web/login.html", redirect_authenticated_user=True)
logout = LogoutView.as_view()


@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """The first thing to see: the companies."""
    return redirect(COMPANIES.list_url)
