"""Needs attention: the inbox, and what is done about an item with one click or after a question (behaviour G4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.errors import CrmError
from brygga.crm.models import User
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import Connection, CreateIntent, Link
from brygga.erp.services import attention, decisions, jobs
from brygga.erp.services.access import may_connect
from brygga.erp.services.attention import Action, AttentionItem, Kind
from brygga.erp.services.jobs import JobKind
from brygga.web.access import signed_in, user_of
from brygga.web.attention_rows import KINDS, attention_sections
from brygga.web.dialogs import Around, done, in_dialog
from brygga.web.sections import outcome

SIZE = 50
"""Records on a page."""

Subject = Link | CreateIntent | Connection


class InboxForm(forms.Form):
    """What of the inbox to show."""

    connection = forms.ChoiceField(
        label=gettext_lazy("Connection"), required=False, widget=forms.Select(attrs={"class": "input"})
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("All")), *((kind.value, text) for kind, text in KINDS.items())],
        widget=forms.Select(attrs={"class": "input"}),
    )
    mine = forms.BooleanField(label=gettext_lazy("Assigned to me"), required=False)

    def __init__(self, data: Any, shown: list[Connection]) -> None:
        super().__init__(data)
        choices = [("", gettext_lazy("All")), *((str(c.pk), c.name) for c in shown)]
        self.fields["connection"].choices = choices  # type: ignore[attr-defined]


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox: all of it for administrators, for others what concerns the connections that they may use."""
    return render(request, "web/attention/attention.html", inbox_context(request, request.GET))


@signed_in
def act(request: HttpRequest, ref: str, action: str) -> HttpResponse:
    """Do something about an item. What can't be taken back asks first."""
    if action not in _ACTS:
        raise Http404(f"there is no action {action!r}")
    subject = subject_of(request, ref)
    what, question, button = _ACTS[Action(action)]
    if request.method != "POST":
        if not question:
            return HttpResponse(status=405, headers={"Allow": "POST"})
        context = {"title": button, "text": question, "button": button, "act_url": request.path}
        return in_dialog(request, around(request), "web/attention/confirm.html", context)
    try:
        text = what(subject, user_of(request).username, request)
    except (BryggaError, CrmError) as failed:
        messages.error(request, failed.user_message)
        text = ""
    return settled(request, text)


def settled(request: HttpRequest, text: str = "") -> HttpResponse:
    """Back to the inbox as it was filtered, with what has been done above it; a dialog ends by it."""
    asked = came_from(request)
    url = inbox_url(asked)
    if request.headers.get("HX-Target") != "inbox":
        return done(request, url, text)
    if text:
        messages.success(request, text)
    return render(request, "web/attention/inbox.html", inbox_context(request, asked))


def tell(request: HttpRequest, report: RunReport) -> None:
    """Tell what a run for one record did."""
    for part in report.connections:
        note = outcome(part)
        say = {"ok": messages.success, "warn": messages.warning}.get(note.colour, messages.error)
        say(request, f"{part.name}: {note.text}")


def subject_of(request: HttpRequest, ref: str) -> Subject:
    """What a reference names. Raises Http404 where it is settled, PermissionDenied for who may not connect there."""
    try:
        subject = attention.find(ref)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    connection = subject if isinstance(subject, Connection) else subject.connection
    user = user_of(request)
    if not user.is_administrator and not may_connect(user, connection):
        raise PermissionDenied
    return subject


def link_of(request: HttpRequest, ref: str) -> Link:
    """The link that a reference names. Raises as `subject_of`."""
    subject = subject_of(request, ref)
    if not isinstance(subject, Link):
        raise Http404(f"{ref} is no linked record")
    return subject


def around(request: HttpRequest) -> Around:
    """The inbox, as the page that a dialog stands over."""
    asked = came_from(request)
    return Around("web/attention/attention.html", inbox_url(asked), lambda: inbox_context(request, asked))


def came_from(request: HttpRequest) -> QueryDict:
    """The filter of the inbox from which a request came."""
    page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return QueryDict(page.query if page.path == reverse("web:attention") else "")


def inbox_url(asked: QueryDict) -> str:
    """The address of the inbox with a filter."""
    query = asked.urlencode()
    return reverse("web:attention") + (f"?{query}" if query else "")


def inbox_context(request: HttpRequest, asked: QueryDict) -> dict[str, Any]:
    """What the inbox shows."""
    user = user_of(request)
    form = InboxForm(asked, attention.connections_of(user))
    form.is_valid()  # what is nonsense counts as not asked for
    chosen = form.cleaned_data
    after = asked.get("after", "")
    items = _items(user, chosen, int(after) if after.isdecimal() and len(after) < 19 else 0)
    links = [item for item in items if item.ref.startswith("link:")]
    more = links[SIZE - 1].ref.removeprefix("link:") if len(links) > SIZE else ""
    shown = [item for item in items if item not in links[SIZE:]]
    return {
        "form": form,
        "filtered": any(asked.get(name) for name in form.fields),
        "sections": attention_sections(shown, user),
        "later": bool(after),
        "first_query": _query(asked, ""),
        "more": bool(more),
        "more_query": _query(asked, more),
    }


def _query(asked: QueryDict, after: str) -> str:
    """The filter with the place from where to go on."""
    changed = asked.copy()
    changed.pop("after", None)
    if after:
        changed["after"] = after
    return changed.urlencode()


def _items(user: User, chosen: Mapping[str, Any], after: int) -> list[AttentionItem]:
    connection = next((c for c in attention.connections_of(user) if str(c.pk) == chosen.get("connection")), None)
    return attention.items(
        user,
        connection,
        kind=Kind(chosen["kind"]) if chosen.get("kind") else None,
        assignee=user if chosen.get("mine") else None,
        after=after,
        limit=SIZE + 1,
    )


def _retry(subject: Subject, by: str, request: HttpRequest) -> str:
    if isinstance(subject, Connection):
        jobs.start(JobKind.SYNC, {"connections": [subject.pk], "record": None}, by)
        return _("A sync with %(connection)s has been started.") % {"connection": subject.name}
    if isinstance(subject, Link):
        tell(request, decisions.retry(subject, by))
    return ""


def _of_link(what: Callable[[Link, str], object], text: Any) -> Callable[[Subject, str, HttpRequest], str]:
    def do(subject: Subject, by: str, request: HttpRequest) -> str:
        if not isinstance(subject, Link):
            raise Http404("this is done to a linked record only")
        what(subject, by)
        return str(text)

    return do


def _move(subject: Subject, by: str, request: HttpRequest) -> str:
    if not isinstance(subject, Link):
        raise Http404("only a linked contact is moved")
    tell(request, decisions.move_contact(subject, by))
    return ""


def _give_up(subject: Subject, by: str, request: HttpRequest) -> str:
    if not isinstance(subject, CreateIntent):
        raise Http404("only an earlier try is given up")
    decisions.give_up_try(subject, by)
    return _("The earlier try is forgotten. The record can be created in the ERP system again.")


_ACTS: Mapping[Action, tuple[Callable[[Subject, str, HttpRequest], str], Any, Any]] = {
    Action.RETRY: (_retry, "", ""),
    Action.MOVE: (_move, "", ""),
    Action.KEEP: (_of_link(decisions.keep_apart, gettext_lazy("The contact stays in its company.")), "", ""),
    Action.GIVE_UP: (
        _give_up,
        gettext_lazy(
            "Brygga forgets the earlier try. What it may have created in the ERP system stays there, unconnected."
        ),
        gettext_lazy("Give up the earlier try"),
    ),
    Action.ACCEPT_GONE: (
        _of_link(decisions.accept_gone, gettext_lazy("The link has been removed.")),
        gettext_lazy("The link is removed. What is left on the other side stays as it is."),
        gettext_lazy("Accept and remove the link"),
    ),
    Action.DISCONNECT: (
        _of_link(decisions.disconnect, gettext_lazy("The record is no longer connected.")),
        gettext_lazy("The link is removed; nothing is deleted on either side."),
        gettext_lazy("Disconnect"),
    ),
}
"""What each action does, what is asked before, and the word on the button that does it then."""
