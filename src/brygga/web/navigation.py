"""Where the navigator and the tabs of Quote/Sync lead, and who may go there (behaviour C4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brygga.crm.models import User
from brygga.crm.models.users import ERP_SYNC
from brygga.erp.services import attention
from brygga.web.access import user_of
from brygga.web.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Place:
    """A place to go to: its words, icon and address by name.

    `first` starts a group of places; `waiting` counts what waits there for a person. Others than administrators need
    the `licence`, where there is one.
    """

    label: Any
    icon: str
    url_name: str
    administrators: bool = True
    first: bool = False
    waiting: Callable[[User], int] | None = None
    licence: str = ""

    def is_for(self, user: User) -> bool:
        """Whether this user may go there."""
        return user.is_administrator or not (
            self.administrators or (self.licence and self.licence not in user.licences)
        )


_ATTENTION = Place(
    _("Needs attention"),
    "warning",
    "web:attention",
    administrators=False,
    waiting=attention.count,
    licence=ERP_SYNC,
)

PLACES = (
    *(Place(kind.plural, kind.icon, f"web:{kind.slug}", administrators=False) for kind in KINDS.values()),
    Place(_("Find"), "magnifying-glass", "web:find", administrators=False),
    Place(_("Quote/Sync"), "arrows-left-right", "web:sync", first=True),
    Place(_("Import"), "download-simple", "web:imports_start"),
    _ATTENTION,
    Place(_("Users"), "users", "web:settings_users"),
    Place(_("Lists"), "list-bullets", "web:settings_lists"),
    Place(_("Fields"), "textbox", "web:settings_fields"),
)
"""The places of the navigator, in their order."""

SYNC_TABS = (
    Place(_("Sync"), "", "web:sync"),
    Place(_("Log"), "", "web:sync_log"),
    Place(_("Runs"), "", "web:sync_runs"),
    Place(_("Plans"), "", "web:sync_plans"),
    _ATTENTION,
    Place(_("Catalogue"), "", "web:sync_catalogue"),
)
"""The tabs of Quote/Sync, in their order."""


def places(request: HttpRequest) -> list[dict[str, Any]]:
    """The places that this user may go to, and whether the page is there."""
    user = user_of(request)
    return _shown(request, [place for place in PLACES if place.is_for(user)])


def sync_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The tabs of Quote/Sync that this user may open; the page that is open is `exactly` there."""
    user = user_of(request)
    return _shown(request, [place for place in SYNC_TABS if place.is_for(user)])


def _shown(request: HttpRequest, offered: Sequence[Place]) -> list[dict[str, Any]]:
    """The places with their addresses. The page belongs to the nearest of them: the one with the longest address."""
    urls = [reverse(place.url_name) for place in offered]
    path = request.path
    nearest = max((url for url in urls if path == url or path.startswith(f"{url}/")), key=len, default="")
    return [
        {
            "label": place.label,
            "icon": place.icon,
            "url": url,
            "apart": place.first,
            "here": url == nearest,
            "exactly": url == path,
            "waiting": _waiting(request, place),
        }
        for place, url in zip(offered, urls, strict=True)
    ]


def _waiting(request: HttpRequest, place: Place) -> int:
    """What waits at a place, counted once for a request: navigator and tabs both show it."""
    if place.waiting is None:
        return 0
    counted: dict[str, int] = vars(request).setdefault("_waiting", {})
    if place.url_name not in counted:
        counted[place.url_name] = place.waiting(user_of(request))
    return counted[place.url_name]
