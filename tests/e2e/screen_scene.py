"""Every screen there is, by area, with data to look at: its name and the address that opens it.

A dialog has an address of its own: without what opened it, it stands over the page that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from playwright.sync_api import Page, expect
from tests.e2e.conftest import PASSWORD, Shop
from tests.e2e.log_scene import only_memory, past_runs
from tests.erp.matched import actor_of, run_job, unlinked_sides
from tests.erp.scenes import company, edit
from tests.erp.searchable_erp import gather, imported, preview, searchable
from tests.web.synced import CUSTOMER, TOO_LONG, conflict, synced, the_connection
from tests.web.test_attention import doubt
from tests.web.trade_erp import trade_erp

from brygga.crm.fields import RecordType
from brygga.crm.models import CrmList, User
from brygga.crm.services import groups, lists, user_fields
from brygga.crm.services.records import create_record
from brygga.crm.services.users import create_user
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, ImportDraft, Link, LogEntry, StoredPlan
from brygga.erp.problems import Problem
from brygga.erp.services import import_drafts, jobs, matching, resting
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.match_plans import Wins
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, make_undo_plan
from brygga.merge.values import Kind
from brygga.web import urls

Screens: TypeAlias = dict[str, str]


@contextmanager
def records(shop: Shop) -> Iterator[Screens]:
    """Companies, contacts, projects: found, listed, looked at, edited, merged."""
    twin = create_record(RecordType.COMPANY, {"NAME": "Orkdal Eldresenter AS", "POSTALCITY": "Orkanger"}, "test")
    one, project, contact = f"/companies/{shop.company.id}", f"/projects/{shop.project.id}", shop.contact.id
    yield {
        "companies": "/companies",
        "companies-nothing-found": "/companies?q=zzz",
        "contacts": "/contacts",
        "projects": "/projects",
        "company-new": "/companies/new",
        "contact-new": "/contacts/new",
        "project-new": "/projects/new",
        "company": one,
        "company-edit": f"{one}/edit",
        "company-people": f"{one}/people",
        "company-history": f"{one}/history",
        "company-merge": f"{one}/merge",
        "company-merge-compared": f"{one}/merge?with=Orkdal+Eldresenter+AS+%23{twin.id}",
        "contact": f"/contacts/{contact}",
        "contact-edit": f"/contacts/{contact}/edit",
        "contact-history": f"/contacts/{contact}/history",
        "project": project,
        "project-edit": f"{project}/edit",
        "project-people": f"{project}/people",
        "project-history": f"{project}/history",
        "find": "/find",
        "find-found": "/find?q=orkdal",
        "not-there": "/nowhere",
    }


@contextmanager
def erp_tab(shop: Shop) -> Iterator[Screens]:
    """The ERP tab, read and edited, and its dialogs."""
    with only_memory() as erp:
        conflict(erp)
        first = Connection.objects.get(names__en="Fjord Norge")
        Connection.objects.filter(pk=first.pk).update(active=True)
        new = create_record(RecordType.COMPANY, {"NAME": "Skog"}, "test")
        one, other, memory = f"/companies/{shop.company.id}/erp", f"/companies/{new.id}/erp", the_connection()
        decided = f"/companies/{Link.objects.get(connection=memory, erp_key='1', actor_type='Customer').record_id}/erp"
        yield {
            "tab": one,
            "tab-edit": f"{one}/edit",
            "tab-conflict": decided,
            "tab-decide": f"{decided}/{memory.pk}/decide",
            "tab-connect": f"{other}/{memory.pk}/Customer/connect",
            "tab-connect-advanced": f"{other}/{memory.pk}/Customer/connect?advanced=1",
            "tab-values": f"{other}/{memory.pk}/Customer/values?key=2",
            "tab-create": f"{other}/{memory.pk}/Customer/create",
            "tab-why": f"{decided.replace('/companies', '/why/company').replace('/erp', '')}/{memory.pk}/NAME",
            "tab-contact": f"/contacts/{shop.contact.id}/erp",
        }


@contextmanager
def sync(shop: Shop) -> Iterator[Screens]:
    """The Sync tab, the catalogue, and the dialogs on connectors and connections."""
    first, second = Connection.objects.order_by("priority")
    Connection.objects.filter(pk=second.pk).update(deleted=True, active=False)
    Connector.objects.create(name="Unused", url="plugin://workbook")
    connector, connection = f"/sync/connectors/{first.connector_id}", f"/sync/connections/{first.pk}"
    yield {
        "sync": "/sync",
        "sync-deleted": f"/sync?old_connections=1&connection={second.pk}",
        "catalogue": "/sync/catalogue",
        "connector-add": "/sync/connectors/add",
        "connector-configure": f"{connector}/configure",
        "connector-delete": f"{connector}/delete",
        "connection-define": "/sync/connections/define",
        "connection-configure": f"{connection}/configure",
        "connection-delete": f"{connection}/delete",
        "connection-deactivate": f"{connection}/deactivate",
        "priority": "/sync/priority",
        "resync-from-crm": f"{connection}/resync/crm",
        "resync-from-erp": f"{connection}/resync/erp",
        "resync-preview": f"{connection}/resync/erp?preview=1",
    }


@contextmanager
def mapping(shop: Shop) -> Iterator[Screens]:
    """The dialogs on what of a connection is mapped."""
    with trade_erp() as (_erp, connection):
        customers = connection.actors.get(actor_type="Customer")
        ActorMapping.objects.filter(pk=customers.pk).update(sync=True)
        fields = FieldMapping.objects.filter(actor=customers)
        fields.filter(key="CUSTGR").update(crm_key="category", to_crm=True)
        fields.filter(key__in=["NAME", "PHONE", "CREDIT"]).update(show_in_tab=True)
        one = f"/sync/connections/{connection.pk}"
        yield {
            "mappings": f"{one}/mappings",
            "mappings-person": f"{one}/mappings?actor=Person",
            "list-mapping": f"{one}/list-mapping",
            "defaults": f"{one}/defaults",
            "rank": f"{one}/rank",
            "list-mapping-none": f"/sync/connections/{Connection.objects.earliest('pk').pk}/list-mapping",
        }


@contextmanager
def log(shop: Shop) -> Iterator[Screens]:
    """The log, runs, figures and plans, and why a value was written."""
    with only_memory() as erp:
        run = synced(erp)
        past_runs()
        undoing = Undoing(None, None, run)
        plan = make_undo_plan(undoing, "eva")
        stopped = jobs.start(JobKind.PLAN_UNDO, undoing.params(), "eva")
        jobs.stop(stopped)
        waiting = jobs.start(JobKind.PLAN_UNDO, undoing.params(), "eva")
        entry = LogEntry.objects.filter(run_id=run).latest("pk")
        skog = company("Skog").id
        yield {
            "log": "/sync/log",
            "log-nothing": "/sync/log?run=4711",
            "log-nonsense": "/sync/log?since=x",
            "runs": "/sync/runs",
            "figures": "/sync/runs/figures",
            "run": f"/sync/runs/{run}",
            "plans": "/sync/plans",
            "plan": f"/sync/plans/{plan.pk}",
            "undo-planning": f"/sync/plans/undo/{waiting.pk}",
            "undo-planning-stopped": f"/sync/plans/undo/{stopped.pk}",
            "why": f"/sync/log/{entry.pk}/why",
            "why-a-field": f"/why/company/{skog}/{the_connection().pk}/POSTALCITY",
        }


@contextmanager
def attention(shop: Shop) -> Iterator[Screens]:
    """The inbox and what is decided there."""
    with only_memory() as erp:
        intent = doubt(erp)
        conflict(erp)
        edit(company("Skog"), POSTALCITY=TOO_LONG)
        erp.put(CUSTOMER, "2", GROUP="9")
        sync_now(None, by="test")
        paused = Problem("many_gone", {"gone": 30, "looked": 40}).stored()
        Connection.objects.filter(active=True).update(paused=paused)
        split, misfit = (_ref(key) for key in ("1", "2"))
        yield {
            "attention": "/attention",
            "attention-nothing": "/attention?kind=gone",
            "decide": f"/attention/{split}/resolve",
            "correct": f"/attention/{misfit}/resubmit",
            "assign": f"/attention/{split}/assign",
            "reconnect": f"/attention/try:{intent.pk}/connect",
            "disconnect": f"/attention/{split}/disconnect",
            "resume": f"/attention/connection:{the_connection().pk}/resume",
        }


@contextmanager
def imports(shop: Shop) -> Iterator[Screens]:
    """The import in each of its steps."""
    with searchable("Harbour", 12) as (_erp, connection):
        customers = ActorMapping.objects.get(connection=connection, actor_type="Customer")
        create_record(RecordType.COMPANY, {"NAME": "Nr 3"}, "test")
        begun, looked, done = (_draft(name, customers) for name in ("ida", "ola", "per"))
        choices = {"duplicates": "NAME", "on_duplicate": "merge", "unknown": "add"}
        gather(done, ["1", "2", "3"], **choices)
        resting.rest(done)
        imported(done)
        gather(looked, None, **choices)
        resting.rest(looked)
        preview(looked)
        gather(begun, ["1", "2", "5"], **choices)
        one = f"/import/{begun.pk}"
        yield {
            "import": "/import",
            "import-search": f"{one}/search",
            "import-chosen": f"{one}/chosen",
            "import-settings": f"{one}/settings",
            "import-preview": f"/import/{looked.pk}/preview",
            "import-results": f"/import/{done.pk}/results",
            "import-new-records": f"/import/{done.pk}/records/new",
        }


@contextmanager
def match(shop: Shop) -> Iterator[Screens]:
    """The match workbench before and after it has compared, and its dialogs."""
    with unlinked_sides("Harbour") as (_erp, connection):
        customers = actor_of(connection)
        matching.start(customers, "eva")
        run_job()
        found = matching.get(customers.pk)
        matching.choose_clear(found, 0)
        matching.start_plan(found, Wins.CRM, "eva")
        run_job()
        one = f"/sync/connections/{connection.pk}/match"
        yield {
            "match": one,
            "match-ambiguous": f"{one}?tab=ambiguous",
            "match-not-compared": f"{one}?actor=Person",
            "match-links": f"{one}/links",
            "match-undo": f"{one}/plans/{StoredPlan.objects.latest('pk').pk}/undo",
        }


@contextmanager
def settings(shop: Shop) -> Iterator[Screens]:
    """Users, groups, lists, fields, and the own profile."""
    for name in ("Sales", "Support"):
        groups.add_group(name)
    anna = create_user("anna", PASSWORD, group="Sales", first_name="Anna", last_name="Berg", language="sv").pk
    item = lists.add_items("category", ["Retail", "Health", "Industry"])["Health"]
    user_fields.define_field(RecordType.COMPANY, "size", "Size", Kind.INTEGER)
    user_fields.define_field(RecordType.COMPANY, "note", "Note", Kind.TEXT, max_length=100)
    own = lists.add_list("Boats")
    user, group = f"/settings/users/{anna}", f"/settings/users/groups/{groups.groups()[0].pk}"
    one, fields = f"/settings/lists/{CrmList.objects.get(key='category').pk}", "/settings/fields/companies"
    yield {
        "users": "/settings/users",
        "users-nothing-found": "/settings/users?q=zzz",
        "user-add": "/settings/users/new",
        "user": user,
        "user-password": f"{user}/password",
        "groups": "/settings/users/groups",
        "group-add": "/settings/users/groups/new",
        "group-rank": "/settings/users/groups/rank",
        "group-rename": group,
        "group-delete": f"{group}/delete",
        "lists": "/settings/lists",
        "list-add": "/settings/lists/new",
        "list": one,
        "list-rename": f"/settings/lists/{own.pk}/rename",
        "list-delete": f"/settings/lists/{own.pk}/delete",
        "item-add": f"{one}/items/new",
        "item-rank": f"{one}/items/rank",
        "item-rename": f"{one}/items/{item}",
        "item-delete": f"{one}/items/{item}/delete",
        "fields": "/settings/fields",
        "fields-of-companies": fields,
        "fields-none": "/settings/fields/contacts",
        "field-add": f"{fields}/new",
        "field-change": f"{fields}/size/change",
        "field-rank": f"{fields}/rank",
        "field-delete": f"{fields}/size/delete",
        "profile": "/profile",
        "profile-password": "/profile/password",
        "token-add": "/profile/tokens/new",
    }


_URLS = {
    "records": [urls.records],
    "erp_tab": [urls.erp_tab],
    "sync": [urls.sync, urls.connectors, urls.connections],
    "mapping": [urls.mappings],
    "log": [urls.log],
    "attention": [urls.attention],
    "imports": [urls.imports],
    "match": [urls.matching],
    "settings": [urls.settings],
}

PATTERNS = {area: [str(one.name) for part in parts for one in part.patterns] for area, parts in _URLS.items()}
"""The names of the addresses of each area."""

AREAS: dict[str, Callable[[Shop], AbstractContextManager[Screens]]] = {
    area.__name__: area for area in (records, erp_tab, sync, mapping, log, attention, imports, match, settings)
}


def open_screen(page: Page, path: str) -> None:
    """Open a screen and wait until its parts have loaded."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def _ref(key: str) -> str:
    link = Link.objects.get(connection=the_connection(), actor_type="Customer", erp_key=key)
    return f"link:{link.pk}"


def _draft(name: str, actor: ActorMapping) -> ImportDraft:
    user: User = create_user(name, PASSWORD, administrator=True, licences=["erp-sync"])
    return import_drafts.open_draft(user, actor)
