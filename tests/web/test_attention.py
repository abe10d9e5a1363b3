"""The inbox on screen: what stands in it, what can be done with one click or in a dialog, and who may (G4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit
from tests.web.synced import CUSTOMER, PERSON, TOO_LONG, conflict, link, memory_erp, misfit, the_connection

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services import records
from brygga.erp.errors import BryggaError
from brygga.erp.models import Access, Connection, CreateIntent, FieldMapping, Job, Link
from brygga.erp.problems import Problem
from brygga.erp.services import attention, linking
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def memory(db: None) -> Iterator[MemoryErp]:
    with memory_erp() as erp:
        yield erp


def kinds(client: Client, query: str = "") -> list[str]:
    return [str(section.kind) for section in client.get(f"/attention?{query}").context["sections"]]


def doubt(erp: MemoryErp) -> CreateIntent:
    """The answer to a create was lost, and somebody has edited since what it may have made."""
    values = {"NAME": "Hav", "POSTALCITY": "Malmö", "NUMBER1": "H1", "VATNO": "SE1"}
    hav = records.create_record(RecordType.COMPANY, values, by="anna")

    def lose_answer(operation: str) -> None:
        if operation == "created":
            erp.before = lambda _: None
            raise TimeoutError("no answer")

    erp.before = lose_answer
    with pytest.raises(BryggaError):
        linking.create_in_erp(the_connection(), "company", hav.id, "Customer", {}, "anna")
    (made,) = (key for kind, key in erp.actors if kind == ActorType.CUSTOMER and key not in ("1", "2"))
    erp.put(CUSTOMER, made, CITY="Lund")
    sync_now(None, by="test")
    return CreateIntent.objects.get()


def test_an_empty_inbox_says_so(as_admin: Client, memory: MemoryErp) -> None:
    page = as_admin.get("/attention").text
    assert "Nothing needs attention." in page
    assert 'class="badge"' not in page


def test_the_inbox_is_grouped_and_counted_in_navigator_and_tabs(as_admin: Client, memory: MemoryErp) -> None:
    misfit()
    Connection.objects.update(paused=Problem("many_failed", {"failed": 120, "limit": 100}).stored())
    page = as_admin.get("/attention")
    assert kinds(as_admin) == ["paused", "failed"]
    assert "CITY: The text has 28 characters and the field takes 20. Shorten it." in page.text
    assert page.text.count('<span class="badge">2</span>') == 2
    for query, expected in {"kind=failed": ["failed"], "kind=paused": ["paused"], "kind=gone": []}.items():
        assert kinds(as_admin, query) == expected
    assert kinds(as_admin, f"connection={the_connection().pk}") == ["paused", "failed"]
    assert kinds(as_admin, "kind=nonsense&connection=x&after=x") == ["paused", "failed"]


def test_a_conflict_is_decided_field_by_field(as_admin: Client, memory: MemoryErp) -> None:
    found = conflict(memory)
    address = f"/attention/link:{found.pk}/resolve"
    dialog = as_admin.get(address, headers=HTMX).text
    for text in ("Fjord Group", "Fjord ASA", "Bodø", "Ås", 'name="side-CITY"'):
        assert text in dialog, text
    assert "Choose for at least one field" in as_admin.post(address, {}, headers=HTMX).text
    ended = as_admin.post(address, {"side-CITY": "erp"}, headers=HTMX)
    assert ended.headers["HX-Redirect"] == "/attention"
    assert company("Fjord Group").fields["POSTALCITY"] == "Ås"
    as_admin.post(address, {"side-NAME": "crm"})
    assert memory.value("1", "NAME") == "Fjord Group"
    assert "Nothing needs attention." in as_admin.get("/attention").text
    assert "No conflict waits" in as_admin.get(address, headers=HTMX).text


def test_both_sides_can_win_at_once(as_admin: Client, memory: MemoryErp) -> None:
    found = conflict(memory)
    as_admin.post(f"/attention/link:{found.pk}/resolve", {"side-CITY": "erp", "side-NAME": "crm"})
    assert company("Fjord Group").fields["POSTALCITY"] == "Ås"
    assert memory.value("1", "NAME") == "Fjord Group"


def test_a_value_is_corrected_and_sent_again(as_admin: Client, memory: MemoryErp) -> None:
    found = misfit()
    address = f"/attention/link:{found.pk}/resubmit"
    dialog = as_admin.get(address, headers=HTMX)
    assert TOO_LONG in dialog.text
    version = dialog.context["version"]
    again = as_admin.post(address, {"POSTALCITY": TOO_LONG, "version": version}, headers=HTMX)
    assert again.headers["HX-Redirect"] == "/attention"
    assert kinds(as_admin) == ["failed"]
    stale = as_admin.post(address, {"POSTALCITY": "Voss", "version": version}, headers=HTMX)
    assert "changed" in stale.context["error"]
    as_admin.post(address, {"POSTALCITY": "Voss", "version": version + 1}, headers=HTMX)
    assert memory.value("1", "CITY") == "Voss"
    assert kinds(as_admin) == []


def test_a_value_from_the_erp_is_overruled_by_a_correction(as_admin: Client, memory: MemoryErp) -> None:
    memory.put(CUSTOMER, "1", CITY="x" * 300)
    sync_now(None, by="test")
    found = link()
    address = f"/attention/link:{found.pk}/resubmit"
    version = as_admin.get(address, headers=HTMX).context["version"]
    as_admin.post(address, {"POSTALCITY": "Voss", "version": version})
    assert (memory.value("1", "CITY"), company("Fjord").fields["POSTALCITY"]) == ("Voss", "Voss")
    assert kinds(as_admin) == []


def test_a_value_that_only_the_erp_can_correct_says_so(as_admin: Client, memory: MemoryErp) -> None:
    found = misfit()
    FieldMapping.objects.filter(key="CITY").update(to_erp=False)
    dialog = as_admin.get(f"/attention/link:{found.pk}/resubmit", headers=HTMX).text
    assert "can only be corrected where it comes from" in dialog
    said = as_admin.post(f"/attention/link:{found.pk}/resubmit", {"version": "1"}, headers=HTMX)
    assert "no value waits for a correction" in said.context["error"]


def test_a_retry_happens_in_place(as_admin: Client, memory: MemoryErp) -> None:
    memory.refuses = {"1"}
    edit(company("Fjord"), NAME="Fjord AS")
    sync_now(None, by="test")
    found = link()
    memory.refuses = set()
    headers = {**HTMX, "HX-Target": "inbox", "HX-Current-URL": "http://testserver/attention?kind=failed"}
    part = as_admin.post(f"/attention/link:{found.pk}/retry", headers=headers)
    assert "<html" not in part.text
    assert "1 value was changed" in part.text
    assert "Nothing here matches the filter." in part.text
    assert memory.value("1", "NAME") == "Fjord AS"


def test_without_a_script_one_comes_back_to_the_filter(as_admin: Client, memory: MemoryErp) -> None:
    found = misfit()
    headers = {"Referer": "http://testserver/attention?kind=failed"}
    response = as_admin.post(f"/attention/link:{found.pk}/retry", headers=headers)
    assert response.headers["Location"] == "/attention?kind=failed"
    elsewhere = as_admin.post(
        f"/attention/link:{found.pk}/retry", headers={"Referer": "http://x.example/y?kind=failed"}
    )
    assert elsewhere.headers["Location"] == "/attention"


def test_a_disconnect_asks_first(as_admin: Client, memory: MemoryErp) -> None:
    found = misfit()
    address = f"/attention/link:{found.pk}/disconnect"
    assert "nothing is deleted on either side" in as_admin.get(address).text
    assert Link.objects.filter(pk=found.pk).exists()
    assert as_admin.post(address, headers=HTMX).headers["HX-Redirect"] == "/attention"
    assert not Link.objects.filter(pk=found.pk).exists()
    assert as_admin.post(address).status_code == 404


def test_what_is_gone_is_accepted(as_admin: Client, memory: MemoryErp) -> None:
    del memory.actors[CUSTOMER, "2"]
    edit(company("Skog"), NAME="Skog AS")
    sync_now(None, by="test")
    found = link("2")
    assert kinds(as_admin) == ["gone"]
    assert "has been removed" in as_admin.post(f"/attention/link:{found.pk}/accept_gone", follow=True).text
    assert "is not missing" in as_admin.post(f"/attention/link:{link().pk}/accept_gone", follow=True).text


@pytest.mark.parametrize(("action", "company_name"), [("keep", "Fjord"), ("move", "Skog")])
def test_a_contact_stays_or_moves(action: str, company_name: str, as_admin: Client, memory: MemoryErp) -> None:
    memory.put(PERSON, "10", parent="2")
    sync_now(None, by="test")
    person = Link.objects.get(actor_type="Person")
    assert kinds(as_admin) == ["moved"]
    as_admin.post(f"/attention/link:{person.pk}/{action}")
    assert kinds(as_admin) == []
    home = records.get_record(RecordType.CONTACT, person.record_id).parent
    assert home is not None
    assert home.name == company_name


def test_a_missing_list_item_leads_to_the_list_mapping(as_admin: Client, memory: MemoryErp) -> None:
    memory.put(CUSTOMER, "1", GROUP="9")
    sync_now(None, by="test")
    assert kinds(as_admin) == ["list_item"]
    assert kinds(as_admin, "kind=list_item") == ["list_item"]
    assert f"/sync/connections/{the_connection().pk}/list-mapping" in as_admin.get("/attention").text


def test_a_doubt_is_connected_or_given_up(as_admin: Client, memory: MemoryErp) -> None:
    intent = doubt(memory)
    made = [key for kind, key in memory.actors if kind == CUSTOMER][-1]
    address = f"/attention/try:{intent.pk}/connect"
    assert f'value="{made}"' in as_admin.get(address, headers=HTMX).text
    assert "was not found" in as_admin.post(address, {"key": "nope"}, headers=HTMX).text
    as_admin.post(address, {"key": made, "prefer": "erp"}, headers=HTMX)
    assert company("Hav").fields["POSTALCITY"] == "Lund"
    other = CreateIntent.objects.create(
        connection=the_connection(), actor_type="Customer", record_type="company", record_id=company("Skog").id,
        doubt=Problem("create_in_doubt", {"type": "Customer", "keys": "7"}).stored(),
    )  # fmt: skip
    assert "forgets the earlier try" in as_admin.get(f"/attention/try:{other.pk}/give_up", headers=HTMX).text
    assert "is forgotten" in as_admin.post(f"/attention/try:{other.pk}/give_up", follow=True).text
    assert kinds(as_admin) == []


def test_a_paused_connection_goes_on(as_admin: Client, memory: MemoryErp) -> None:
    paused = Problem("many_gone", {"gone": 30, "looked": 40}).stored()
    Connection.objects.update(paused=paused)
    address = f"/attention/connection:{the_connection().pk}/resume"
    assert "accept_gone" in as_admin.get(address, headers=HTMX).text
    assert "takes part in sync again" in as_admin.post(address, {"accept_gone": "on"}, follow=True).text
    assert the_connection().paused == {}
    assert "is not paused" in as_admin.post(address).text


def test_a_failing_connection_is_synced_as_a_job(as_admin: Client, memory: MemoryErp) -> None:
    memory.down = "Closed."
    sync_now(None, by="test")
    assert kinds(as_admin) == ["failing"]
    assert "has been started" in as_admin.post(f"/attention/connection:{the_connection().pk}/retry", follow=True).text
    assert Job.objects.get().params == {"connections": [the_connection().pk], "record": None}


def test_an_item_is_assigned(as_admin: Client, as_user: Client, user: User, memory: MemoryErp) -> None:
    found = misfit()
    address = f"/attention/link:{found.pk}/assign"
    assert "Anna Berg" in as_admin.get(address, headers=HTMX).text
    assert "takes care of it" in as_admin.post(address, {"user": user.pk}, follow=True).text
    assert kinds(as_user, "mine=on") == ["failed"]
    assert kinds(as_admin, "mine=on") == []
    assert "assigned to anna" in as_admin.get("/attention").text
    assert as_admin.post(address, {"user": "4711"}, headers=HTMX).context["form"].errors
    as_admin.post(address, {"user": ""})
    assert Link.objects.get(pk=found.pk).assignee is None


def test_users_see_and_do_what_concerns_their_connections(as_user: Client, user: User, memory: MemoryErp) -> None:
    found = misfit()
    page = as_user.get("/attention").text
    assert "Retry now" in page
    assert "/assign" not in page
    assert 'href="/sync"' not in page
    assert as_user.get(f"/attention/link:{found.pk}/assign").status_code == 403
    assert as_user.post(f"/attention/connection:{the_connection().pk}/resume").status_code == 403
    Connection.objects.update(all_access=False)
    assert kinds(as_user) == []
    assert as_user.post(f"/attention/link:{found.pk}/retry").status_code == 403
    Access.objects.create(connection=the_connection(), user=user, may_connect=False)
    assert kinds(as_user) == ["failed"]
    assert as_user.post(f"/attention/link:{found.pk}/retry").status_code == 403
    user.licences = []
    user.save()
    assert 'href="/attention"' not in as_user.get("/companies").text
    assert kinds(as_user) == []


def test_pages_of_the_inbox(as_admin: Client, memory: MemoryErp) -> None:
    connection = the_connection()
    problem = {"field": "", **Problem("not_confirmed").stored(), "value": None, "target": "erp"}
    Link.objects.bulk_create(
        Link(
            connection=connection, actor_type="Customer", erp_key=f"x{n}", record_type="company", record_id=1000 + n,
            state="failed", issues=[problem],
        )
        for n in range(60)
    )  # fmt: skip
    first = as_admin.get("/attention?kind=failed")
    (section,) = first.context["sections"]
    assert len(section.rows) == 50
    second = as_admin.get(f"/attention?{first.context['more_query']}")
    assert [row.actor for row in second.context["sections"][0].rows] == [f"Customer x{n}" for n in range(50, 60)]
    assert not second.context["more"]
    assert second.context["first_query"] == "kind=failed"


def test_more_items_take_no_more_queries(as_admin: Client, memory: MemoryErp) -> None:
    counts = []
    for name in ("Fjord", "Skog"):
        edit(company(name), POSTALCITY=TOO_LONG)
        sync_now(None, by="test", by_hand=True)
        with CaptureQueriesContext(database) as queries:
            as_admin.get("/attention")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_badge_takes_one_query_for_an_administrator(admin: User, memory: MemoryErp) -> None:
    misfit()
    with CaptureQueriesContext(database) as queries:
        assert attention.count(admin) == 1
    assert len(queries) == 1


@pytest.mark.parametrize("ref", ["link:4711", "nonsense", "try:4711", "connection:4711"])
@pytest.mark.parametrize("action", ["resolve", "resubmit", "assign", "connect", "resume", "retry", "nonsense"])
def test_what_is_settled_or_unknown_is_not_found(ref: str, action: str, as_admin: Client, memory: MemoryErp) -> None:
    assert as_admin.post(f"/attention/{ref}/{action}").status_code == 404


def test_actions_fit_their_subject(as_admin: Client, memory: MemoryErp) -> None:
    here, there = f"connection:{the_connection().pk}", f"link:{misfit().pk}"
    for address in (
        f"{here}/resolve", f"{here}/keep", f"{here}/move", f"{here}/give_up", f"{there}/connect", f"{there}/resume",
    ):  # fmt: skip
        assert as_admin.post(f"/attention/{address}").status_code == 404
    assert as_admin.get(f"/attention/{there}/retry").status_code == 405


def test_persons_whose_company_is_missing_are_told(as_admin: Client, memory: MemoryErp) -> None:
    memory.put(CUSTOMER, "3", NAME="Ny")
    memory.put(PERSON, "11", parent="3", FIRSTNAME="Ole", LASTNAME="Dahl")
    import_actors(the_connection(), "Person", Selection(everything=True), by="test")
    assert kinds(as_admin) == ["person"]
    assert "Import or connect the company first." in as_admin.get("/attention").text
