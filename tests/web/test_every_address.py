"""Every address there is: for nobody, for a user, for an administrator; read, posted, posted by somebody else's page.

The addresses are taken from the patterns themselves, so one that is added later is tested as well: it is for
administrators only unless its name is listed here.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from tests.web.conftest import Erp

from brygga.crm.fields import RecordType
from brygga.crm.models import CrmList, User
from brygga.crm.services import groups, lists, user_fields
from brygga.crm.services.records import RecordView, create_record
from brygga.erp.models import LogEntry, Run, SyncSettings
from brygga.erp.services import import_drafts
from brygga.merge.values import Kind
from brygga.web import urls

pytestmark = pytest.mark.django_db

PUBLIC = {"login", "logout"}
"""What needs no log-in: to log in; and to log out, which is no news to whoever has not logged in."""

USERS_AREAS = {"companies", "contacts", "projects", "profile", "find"}
USERS = {
    "start", "criteria", "log_why", "why_field",
    "attention", "attention_act", "attention_connect", "attention_resolve", "attention_resubmit",
}  # fmt: skip
"""What users may reach who are no administrators, by the first word of its name or by its whole name."""

ANSWERS = (200, 286, 302, 404, 405, 422)
"""What a reader may get who is let in: also that nothing is there, or that the address is for posting only."""

PATTERNS: dict[str, URLPattern] = {str(pattern.name): pattern for pattern in urls.urlpatterns}
CLOSED = sorted(set(PATTERNS) - PUBLIC)
FOR_USERS = sorted(name for name in CLOSED if name in USERS or name.split("_")[0] in USERS_AREAS)
FOR_ADMINISTRATORS = sorted(set(CLOSED) - set(FOR_USERS))
KNOWN_WORDS = {
    "actor_type": "Customer", "record_type": "company", "crm_field": "NAME", "which": "new", "kind": "companies",
    "key": "size", "ref": "link:1", "action": "retry",
}  # fmt: skip
WRITING = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
OWN_NOTES = "django_session"
"""What a user has looked at of late is noted with the session."""


@pytest.fixture
def ids(admin: User, company: RecordView, erp: Erp, run: Run) -> dict[str, object]:
    """What stands for each part of an address: things that are there, so that the views get as far as they can."""
    item = lists.add_items("category", ["Retail"])["Retail"]
    category = CrmList.objects.get(key="category")
    user_fields.define_field(RecordType.COMPANY, "size", "Size", Kind.INTEGER)
    groups.add_group("Sales")
    SyncSettings.load()
    link = erp.link(company)
    entry = LogEntry.objects.create(
        at=run.started_at, run=run, connection=erp.connection, actor_type="Customer", erp_key="10017",
        record_type="company", record_id=company.id, erp_field="NAME", crm_field="NAME", target="crm", rule="changed",
    )  # fmt: skip
    actor = link.connection.actors.get()
    return KNOWN_WORDS | {
        "companies": company.id,
        "contacts": create_record(RecordType.CONTACT, {"LASTNAME": "Berg"}, "test", company.id).id,
        "projects": create_record(RecordType.PROJECT, {"NAME": "Warehouse"}, "test").id,
        "record_id": company.id,
        "connection_id": erp.connection.pk,
        "connector_id": erp.connection.connector_id,
        "actor_id": actor.pk,
        "draft_id": import_drafts.open_draft(admin, actor).pk,
        "list_id": category.pk,
        "item_id": item,
        "run_id": run.pk,
        "entry_id": entry.pk,
        "group_id": groups.groups()[0].pk,
        "user_id": admin.pk,
        "ref": f"link:{link.pk}",
    }


def address(name: str, ids: dict[str, object] | None = None) -> str:
    """The address of a view; what `ids` does not know is 1."""
    known, slug = ids or KNOWN_WORDS, name.split("_")[0]
    parts = PATTERNS[name].pattern.converters
    values = {part: known.get(slug if part == "record_id" else part, known.get(part, 1)) for part in parts}
    return reverse(f"web:{name}", kwargs=values)


def test_the_lists_name_addresses_that_there_are() -> None:
    assert set(PATTERNS) >= USERS
    assert {name.split("_")[0] for name in PATTERNS} >= USERS_AREAS
    assert len(PATTERNS) == len(urls.urlpatterns)


def test_nobody_gets_in_without_logging_in() -> None:
    wrong = {}
    for name in CLOSED:
        for response in (Client().get(address(name)), Client().post(address(name))):
            if not response.headers.get("Location", "").startswith("/login?next="):
                wrong[name] = response.status_code
    assert wrong == {}


def test_what_is_not_listed_is_for_administrators(as_user: Client, ids: dict[str, object]) -> None:
    paths = [address(name, ids) for name in FOR_ADMINISTRATORS]
    answers = {path: (as_user.get(path).status_code, as_user.post(path).status_code) for path in paths}
    assert {path: answer for path, answer in answers.items() if answer != (403, 403)} == {}


def test_what_is_listed_is_open_to_users(as_user: Client, ids: dict[str, object]) -> None:
    answers = {name: as_user.get(address(name, ids)).status_code for name in FOR_USERS}
    assert {name: status for name, status in answers.items() if status not in ANSWERS} == {}


def test_administrators_may_read_everything(as_admin: Client, ids: dict[str, object]) -> None:
    answers = {name: as_admin.get(address(name, ids)).status_code for name in CLOSED}
    assert {name: status for name, status in answers.items() if status not in ANSWERS} == {}


def test_reading_changes_nothing(as_admin: Client, ids: dict[str, object]) -> None:
    wrong = {}
    for name in CLOSED:
        with CaptureQueriesContext(database) as queries:
            as_admin.get(address(name, ids))
        if written := [query["sql"] for query in queries if is_writing(query["sql"])]:
            wrong[name] = written
    assert wrong == {}


def is_writing(sql: str) -> bool:
    """Whether a statement changes anything that users share."""
    return bool(WRITING.match(sql)) and OWN_NOTES not in sql


def test_a_post_needs_the_token(admin: User, ids: dict[str, object]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answers = {name: client.post(address(name, ids)).status_code for name in sorted(PATTERNS)}
    assert {name: status for name, status in answers.items() if status != 403} == {}
