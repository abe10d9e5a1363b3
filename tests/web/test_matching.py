"""The match workbench on screen (behaviour G5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.erp.matched import CUSTOMER, actor_of, add_company, compared, pair_of, run_job, unlinked_sides
from tests.erp.memory_erp import MemoryErp

from brygga.erp.models import ActorMapping, Connection, JobState, Link, Matching, StoredPlan
from brygga.erp.services import matching, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.match_plans import Wins

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def sides(db: None) -> Iterator[tuple[MemoryErp, Connection]]:
    with unlinked_sides("Harbour") as made:
        yield made


@pytest.fixture
def erp(sides: tuple[MemoryErp, Connection]) -> MemoryErp:
    return sides[0]


@pytest.fixture
def connection(sides: tuple[MemoryErp, Connection]) -> Connection:
    return sides[1]


@pytest.fixture
def actor(connection: Connection) -> ActorMapping:
    return actor_of(connection)


def url(actor: ActorMapping, page: str = "", **asked: str) -> str:
    """An address of the workbench of an actor type."""
    query = "".join(f"&{name}={value}" for name, value in asked.items())
    return reverse(f"web:matching{page}", args=[actor.connection_id]) + f"?actor={actor.pk}{query}"


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def matched(connection: Connection) -> StoredPlan:
    """A plan that has connected Fjord Fisk."""
    found = compared(connection)
    matching.choose(found, [pair_of(found, "1").pk])
    matching.start_plan(found, Wins.CRM, "eva")
    plan = plans.get(run_job().cursor["at"]["plan"])
    apply(plan, "eva")
    return plans.get(plan.pk)


def test_before_the_first_comparison_the_page_offers_it(as_admin: Client, actor: ActorMapping) -> None:
    assert 'id="match-run"' in shown(as_admin, url(actor))
    assert 'href="' + reverse("web:matching", args=[actor.connection_id]) in shown(as_admin, reverse("web:sync"))


def test_a_comparison_shows_how_far_it_is_and_then_its_result(as_admin: Client, actor: ActorMapping) -> None:
    assert as_admin.post(url(actor, "_run")).status_code == 302
    assert 'id="match-progress"' in shown(as_admin, url(actor))
    assert 'id="match-progress"' in shown(as_admin, url(actor, "_progress"))
    run_job()
    answer = as_admin.get(url(actor, "_progress"))
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (286, "true")
    page = shown(as_admin, url(actor))
    assert "Fjord Fisk AS" in page
    assert "VAT number, Name" in page


def test_a_comparison_can_be_stopped_and_one_that_failed_says_why(
    as_admin: Client, erp: MemoryErp, actor: ActorMapping
) -> None:
    as_admin.post(url(actor, "_run"))
    as_admin.post(url(actor, "_stop"))
    assert not matching.is_at_work(matching.get(actor.pk))
    erp.down = "Closed for the night."
    as_admin.post(url(actor, "_run"))
    run_job(JobState.FAILED)
    assert "Closed for the night." in shown(as_admin, url(actor))


def test_each_tab_shows_its_kind(as_admin: Client, connection: Connection, actor: ActorMapping) -> None:
    compared(connection)
    assert "Havn Handel AS" in shown(as_admin, url(actor, tab="ambiguous"))
    none = shown(as_admin, url(actor, tab="none"))
    assert "Bakeriet Sol" in none
    assert "Skog og Tre" in none
    assert "(no name)" in shown(as_admin, url(actor, tab="keyless"))


def test_pairs_are_checked_and_unchecked(as_admin: Client, connection: Connection, actor: ActorMapping) -> None:
    found = compared(connection)
    pair = pair_of(found, "1").pk
    answer = as_admin.post(url(actor, "_choose", tab="clear"), {"shown": pair, "pair": pair}, **HTMX)
    assert "Look at the plan for 1 pair" in answer.content.decode()
    as_admin.post(url(actor, "_choose"), {"shown": pair})
    assert not matching.chosen(found).exists()


def test_one_of_several_actors_is_chosen_for_a_record(
    as_admin: Client, connection: Connection, actor: ActorMapping
) -> None:
    found = compared(connection)
    two, three = pair_of(found, "2"), pair_of(found, "3")
    lines = {"shown": [two.pk, three.pk], f"record-{two.record_id}": three.pk}
    as_admin.post(url(actor, "_choose", tab="ambiguous"), lines, **HTMX)
    assert [pair.pk for pair in matching.chosen(found)] == [three.pk]
    as_admin.post(url(actor, "_choose"), {**lines, f"record-{two.record_id}": ""}, **HTMX)
    assert not matching.chosen(found).exists()


def test_all_clear_ones_above_a_likeness_are_accepted_at_once(
    as_admin: Client, connection: Connection, actor: ActorMapping
) -> None:
    add_company("Bakeriet Sol")
    found = compared(connection)
    as_admin.post(url(actor, "_choose"), {"all": "above", "percent": "90"}, **HTMX)
    assert matching.chosen(found).count() == 1
    as_admin.post(url(actor, "_choose"), {"all": "above", "percent": "70"}, **HTMX)
    assert matching.chosen(found).count() == 2
    as_admin.post(url(actor, "_choose"), {"all": "none"}, **HTMX)
    as_admin.post(url(actor, "_choose"), {"all": "above", "percent": "many"}, **HTMX)
    assert not matching.chosen(found).exists()


def test_what_was_accepted_becomes_a_plan(as_admin: Client, connection: Connection, actor: ActorMapping) -> None:
    found = compared(connection)
    assert "Choose at least one pair" in as_admin.post(url(actor, "_plan"), follow=True).content.decode()
    matching.choose_clear(found, 0.5)
    as_admin.post(url(actor, "_plan"), {"wins": "erp"})
    run_job()
    plan = StoredPlan.objects.get()
    assert plan.params["wins"] == "erp"
    onward = as_admin.get(url(actor, "_progress")).headers["HX-Redirect"]
    page = shown(as_admin, onward)
    assert "Match records" in page
    assert "Florø" in page
    as_admin.post(reverse("web:sync_plan_apply", args=[plan.pk]))
    assert Link.objects.count() == 1
    assert "Fjord Fisk" not in shown(as_admin, url(actor))


def test_a_match_is_undone_after_a_question(
    as_admin: Client, erp: MemoryErp, connection: Connection, actor: ActorMapping
) -> None:
    plan = matched(connection)
    address = reverse("web:matching_undo", args=[connection.pk, plan.pk])
    assert address in shown(as_admin, url(actor))
    assert "1 record is disconnected." in shown(as_admin, address)
    assert as_admin.post(address, **HTMX).headers["HX-Redirect"]
    assert "Being undone" in shown(as_admin, url(actor))
    run_job()
    assert not Link.objects.exists()
    assert erp.value("1", "CITY") == "Bergen"
    assert "Nothing is connected by it any more" in shown(as_admin, url(actor))


def test_links_are_exported_and_imported_with_a_reason_for_each_refused_line(
    as_admin: Client, connection: Connection
) -> None:
    matched(connection)
    answer = as_admin.get(reverse("web:matching_export", args=[connection.pk]))
    assert isinstance(answer, StreamingHttpResponse)
    text = b"".join(answer).decode()
    assert ",Customer,1\r\n" in text
    Link.objects.all().delete()
    address = reverse("web:matching_import", args=[connection.pk])
    assert 'type="file"' in shown(as_admin, address)
    text += "Harbour,company,99999,,Customer,2\r\n"
    told = as_admin.post(address, {"file": SimpleUploadedFile("links.csv", text.encode())}, **HTMX).content.decode()
    assert "1 link was made." in told
    assert "Line 3: Record 99999 does not exist." in told
    assert Link.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "Choose a file."), (b"\xff\xfe", "not UTF-8"), (b"a,b", "no column"), (b"x" * 2_000_001, "too large")],
)
def test_a_file_that_is_none_is_refused(
    as_admin: Client, connection: Connection, content: bytes | None, told: str
) -> None:
    data = {} if content is None else {"file": SimpleUploadedFile("links.csv", content)}
    answer = as_admin.post(reverse("web:matching_import", args=[connection.pk]), data)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_only_administrators_match(as_user: Client, client: Client, connection: Connection) -> None:
    plan = matched(connection)
    actor = actor_of(connection)
    places = [url(actor, page) for page in ("", "_run", "_progress", "_stop", "_choose", "_plan")]
    more = [reverse(f"web:matching_{name}", args=[connection.pk]) for name in ("export", "import")]
    more.append(reverse("web:matching_undo", args=[connection.pk, plan.pk]))
    for address in [*places, *more]:
        assert as_user.post(address).status_code == 403
        assert client.post(address).status_code == 302


def test_what_is_not_there_is_not_found(as_admin: Client, connection: Connection, actor: ActorMapping) -> None:
    page = reverse("web:matching", args=[connection.pk])
    assert as_admin.get(f"{page}?actor=99999").status_code == 404
    assert as_admin.get(reverse("web:matching", args=[99999])).status_code == 404
    assert as_admin.get(reverse("web:matching_undo", args=[connection.pk, 99999])).status_code == 404
    assert as_admin.get(url(actor, "_progress")).status_code == 404
    assert as_admin.get(url(actor, "_run")).status_code == 405


def test_the_number_of_queries_does_not_depend_on_the_rows(
    as_admin: Client, erp: MemoryErp, connection: Connection, actor: ActorMapping
) -> None:
    def queries() -> list[int]:
        compared(connection)
        counted = []
        for tab in ("clear", "ambiguous", "none"):
            with CaptureQueriesContext(
                database,
            ) as seen:
                shown(as_admin, url(actor, tab=tab))
            counted.append(len(seen))
        return counted

    few = queries()
    for number in range(10):
        erp.put(CUSTOMER, f"a{number}", NAME=f"Unlike{number:03d}other Bakery")
        add_company(f"Unlike{number:03d}other Bakery")
        add_company(f"Lonely{chr(65 + number) * 6}")
    assert queries() == few


def test_without_mapped_actors_there_is_nothing_to_match(as_admin: Client, connection: Connection) -> None:
    connection.actors.update(sync=False)
    assert "There is nothing to match yet." in shown(as_admin, reverse("web:matching", args=[connection.pk]))
    assert not Matching.objects.exists()
