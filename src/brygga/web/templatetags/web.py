"""Tags and filters of the templates: icons, addresses that keep their query, the wording of messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from brygga.web.navigation import places, sync_tabs
from brygga.web.shown import clock, day

register = template.Library()

_NOTES = {"success": ("ok", "check-circle"), "warning": ("warn", "warning"), "error": ("bad", "warning-circle")}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """One icon of the sprite; it decorates and says nothing, so the text beside it must."""
    sprite = static("web/icons/sprite.svg")
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', size, sprite, name)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The query of this page with some of its parts changed; None takes a part out."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = str(value)
    return f"?{values.urlencode()}"


@register.inclusion_tag("web/components/navigator.html", takes_context=True)
def navigator(context: Context) -> dict[str, Any]:
    """The navigator with the places that this user may go to."""
    request = context["request"]
    return {"request": request, "places": places(request)}


@register.inclusion_tag("web/sync/tabs.html", takes_context=True)
def sync_tabs_of(context: Context) -> dict[str, Any]:
    """The tabs of Quote/Sync."""
    return {"tabs": sync_tabs(context["request"])}


@register.filter(name="day")
def day_of(moment: datetime) -> str:
    """The date of a moment, in the reader's time zone."""
    return day(timezone.localtime(moment))


@register.filter(name="clock")
def clock_of(moment: datetime) -> str:
    """The time of day of a moment, in the reader's time zone."""
    return clock(timezone.localtime(moment))


@register.filter
def initials(name: str) -> str:
    """At most two letters for a name."""
    words = name.split()
    return "".join(word[0] for word in (words if len(words) < 3 else (words[0], words[-1]))).upper()


@register.filter
def note_class(level: str) -> str:
    """The colour of a message."""
    return _NOTES.get(level, ("info", "info"))[0]


@register.filter
def note_icon(level: str) -> str:
    """The icon of a message."""
    return _NOTES.get(level, ("info", "info"))[1]
