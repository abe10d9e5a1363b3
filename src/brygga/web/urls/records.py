"""Logging in, finding, and the records of the CRM (behaviour C1, C2)."""

from __future__ import annotations

from django.urls import URLPattern, path

from brygga.web.kinds import KINDS, PROJECTS, RecordKind
from brygga.web.views import edit, lists, merging, people, quick_find, records, session


def _addresses(kind: RecordKind) -> list[URLPattern]:
    """The addresses of one kind of record."""
    slug, given = kind.slug, {"kind": kind}
    one = f"{slug}/<int:record_id>"
    return [
        path(slug, lists.record_list, given, name=slug),
        path(f"{slug}/new", edit.new, given, name=f"{slug}_new"),
        path(f"{slug}/suggestions", quick_find.suggestions, given, name=f"{slug}_suggestions"),
        path(one, records.record, given, name=f"{slug}_record"),
        path(f"{one}/edit", edit.edit, given, name=f"{slug}_edit"),
        path(f"{one}/delete", records.delete, given, name=f"{slug}_delete"),
        path(f"{one}/history", records.record_history, given, name=f"{slug}_history"),
        *([path(f"{one}/people", people.related, given, name=f"{slug}_related")] if kind.related else []),
    ]


patterns = [
    path("", session.start, name="start"),
    path("login", session.login, name="login"),
    path("logout", session.logout, name="logout"),
    path("find", quick_find.find, name="find"),
    path("find/options", quick_find.find_options, name="find_options"),
    *(pattern for kind in KINDS.values() for pattern in _addresses(kind)),
    path("companies/<int:record_id>/merge", merging.merge, name="companies_merge"),
    path("projects/<int:record_id>/people/add", people.add, {"kind": PROJECTS}, name="projects_add_member"),
    path("projects/<int:record_id>/people/remove", people.remove, {"kind": PROJECTS}, name="projects_remove_member"),
]
