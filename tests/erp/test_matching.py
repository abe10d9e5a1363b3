"""The match workbench: comparing, choosing, the plan, and taking it back (behaviour G5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.erp.matched import CUSTOMER, actor_of, add_company, add_contact, compared, pair_of, run_job, unlinked_sides
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.erp.engine.progress import Progress
from brygga.erp.errors import Refused
from brygga.erp.models import Connection, JobState, Link, Matching, MatchKey, PlanOutcome, StoredPlan
from brygga.erp.services import attention, match_comparing, matching, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.likeness import Reason, identity, likeness
from brygga.erp.services.match_comparing import compare
from brygga.erp.services.match_keys import keys_of
from brygga.erp.services.match_plans import Wins, standing_links, take_back
from brygga.erp.services.matching import Kind
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides(db: None) -> Iterator[tuple[MemoryErp, Connection]]:
    with unlinked_sides() as made:
        yield made


@pytest.fixture
def erp(sides: tuple[MemoryErp, Connection]) -> MemoryErp:
    return sides[0]


@pytest.fixture
def connection(sides: tuple[MemoryErp, Connection]) -> Connection:
    return sides[1]


def planned(found: Matching, wins: Wins = Wins.CRM) -> StoredPlan:
    """The plan of what was accepted."""
    matching.start_plan(found, wins, "eva")
    return plans.get(run_job().cursor["at"]["plan"])


def fjord_planned(connection: Connection, wins: Wins) -> StoredPlan:
    found = compared(connection)
    matching.choose(found, [pair_of(found, "1").pk])
    return planned(found, wins)


def fields_of(plan: StoredPlan) -> dict[str, tuple[str, object, object]]:
    return {i.crm_field: (i.side, i.old, i.new) for i in plan.items.exclude(erp_field="")}


def test_clear_pairs_ambiguous_records_and_those_without_anybody_stand_apart(connection: Connection) -> None:
    found = compared(connection)
    assert matching.counts(found) == {Kind.CLEAR: 1, Kind.AMBIGUOUS: 1, Kind.NONE: 2, Kind.KEYLESS: 1}
    (clear,) = matching.pairs(found, clear=True)
    assert (clear.record.record_id, clear.actor.erp_key) == (company("Fjord Fisk").id, "1")
    assert clear.reasons == ["vat", "name"]
    assert clear.score > 0.95
    assert {p.actor.erp_key for p in matching.pairs(found, clear=False)} == {"2", "3"}
    assert [e.erp_key for e in matching.lonely(found, keyless=True)] == ["4"]
    assert {e.erp_key or e.record_id for e in matching.lonely(found, keyless=False)} == {"5", company("Skog og Tre").id}


def test_what_is_linked_already_is_not_compared(erp: MemoryErp, connection: Connection) -> None:
    place = {"connection": connection, "actor_type": "Customer", "record_type": "company"}
    Link.objects.create(**place, erp_key="1", record_id=company("Skog og Tre").id)
    found = compared(connection)
    assert not found.entries.filter(erp_key="1").exists()
    assert not found.entries.filter(record_id=company("Skog og Tre").id).exists()


def test_the_plan_tells_what_would_be_written_and_nothing_is_written_before(
    erp: MemoryErp, connection: Connection
) -> None:
    plan = fjord_planned(connection, Wins.CRM)
    assert fields_of(plan)["POSTALCITY"] == ("erp", "Bergen", "Florø")
    assert not Link.objects.exists()
    assert erp.value("1", "CITY") == "Bergen"
    apply(plan, "eva")
    assert Link.objects.get().erp_key == "1"
    assert erp.value("1", "CITY") == "Florø"


def test_the_erp_may_win(erp: MemoryErp, connection: Connection) -> None:
    apply(fjord_planned(connection, Wins.ERP), "eva")
    assert company("Fjord Fisk AS").fields["POSTALCITY"] == "Bergen"
    assert erp.value("1", "CITY") == "Bergen"


def test_filling_blanks_leaves_differing_values_alone_also_in_later_syncs(
    erp: MemoryErp, connection: Connection
) -> None:
    erp.put(CUSTOMER, "1", GROUP="1")
    plan = fjord_planned(connection, Wins.NEITHER)
    assert set(fields_of(plan)) == {"category"}
    apply(plan, "eva")
    report = sync_now(None, "eva")
    assert report.changes == 0
    assert (company("Fjord Fisk").fields["POSTALCITY"], erp.value("1", "CITY")) == ("Florø", "Bergen")
    erp.put(CUSTOMER, "1", CITY="Voss")
    sync_now(None, "eva")
    assert company("Fjord Fisk").fields["POSTALCITY"] == "Voss"


def test_a_field_that_is_left_out_of_the_plan_stays_different(erp: MemoryErp, connection: Connection) -> None:
    plan = fjord_planned(connection, Wins.CRM)
    plans.uncheck(plan.items.filter(crm_field="POSTALCITY").values_list("pk", flat=True))
    apply(plan, "eva")
    sync_now(None, "eva")
    assert erp.value("1", "CITY") == "Bergen"
    assert company("Fjord Fisk").fields["POSTALCITY"] == "Florø"


def test_a_sync_between_plan_and_values_does_not_decide_on_them(erp: MemoryErp, connection: Connection) -> None:
    plan = fjord_planned(connection, Wins.ERP)
    values = list(plan.items.exclude(erp_field="").values_list("pk", flat=True))
    plan.items.filter(pk__in=values).update(outcome=PlanOutcome.UNCHECKED)
    apply(plan, "eva")
    sync_now(None, "eva")
    assert erp.value("1", "CITY") == "Bergen"


def test_a_match_is_taken_back_with_its_values_and_its_links(erp: MemoryErp, connection: Connection) -> None:
    plan = fjord_planned(connection, Wins.CRM)
    apply(plan, "eva")
    assert standing_links(plan).count() == 1
    matching.start_undo(plan, "eva")
    run_job()
    assert not Link.objects.exists()
    assert erp.value("1", "CITY") == "Bergen"
    with pytest.raises(Refused):
        take_back(plans.get(plan.pk), "eva")


def test_taking_back_leaves_alone_what_was_changed_since(erp: MemoryErp, connection: Connection) -> None:
    plan = fjord_planned(connection, Wins.CRM)
    apply(plan, "eva")
    erp.put(CUSTOMER, "1", CITY="Voss")
    take_back(plans.get(plan.pk), "eva")
    assert not Link.objects.exists()
    assert erp.value("1", "CITY") == "Voss"


def test_while_the_erp_is_down_a_match_is_not_taken_back(erp: MemoryErp, connection: Connection) -> None:
    plan = fjord_planned(connection, Wins.CRM)
    apply(plan, "eva")
    erp.down = "Closed for the night."
    with pytest.raises(Refused, match="Closed for the night"):
        take_back(plans.get(plan.pk), "eva")
    assert Link.objects.exists()


def test_what_was_linked_or_is_gone_meanwhile_is_left_out_with_the_reason(
    erp: MemoryErp, connection: Connection
) -> None:
    found = compared(connection)
    matching.choose(found, [pair_of(found, "1").pk])
    del erp.actors[CUSTOMER, "1"]
    (item,) = planned(found).items.all()
    assert (item.outcome, item.problem["code"]) == (PlanOutcome.SKIPPED, "erp_gone")


def test_the_pair_that_is_accepted_last_counts(connection: Connection) -> None:
    found = compared(connection)
    for key in ("2", "3"):
        matching.choose(found, [pair_of(found, key).pk])
    assert [p.actor.erp_key for p in matching.chosen(found)] == ["3"]
    matching.choose(found, [], [pair_of(found, "3").pk])
    assert not matching.chosen(found).exists()


def test_all_clear_pairs_from_a_likeness_on_are_accepted_together(erp: MemoryErp, connection: Connection) -> None:
    add_company("Bakeriet Sol")
    found = compared(connection)
    assert matching.choose_clear(found, 0.9) == 1
    assert matching.choose_clear(found, 0.5) == 1
    assert matching.leave_clear(found) == 2
    with pytest.raises(Refused):
        matching.start_plan(found, Wins.CRM, "eva")


def test_contacts_are_compared_within_their_connected_company_only(erp: MemoryErp, connection: Connection) -> None:
    fjord, skog = company("Fjord Fisk"), company("Skog og Tre")
    eva, other = add_contact(fjord, "Eva", "Berg"), add_contact(skog, "Eva", "Berg")
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    found = compared(connection, "Person")
    assert matching.counts(found)[Kind.KEYLESS] == 3
    apply(fjord_planned(connection, Wins.CRM), "eva")
    found = compared(connection, "Person")
    (pair,) = matching.pairs(found, clear=True)
    assert pair.record.record_id == eva.id != other.id
    matching.choose(found, [pair.pk])
    apply(planned(found), "eva")
    assert Link.objects.get(actor_type="Person").record_id == eva.id


def test_a_person_that_waited_for_its_company_comes_when_the_match_is_applied(
    erp: MemoryErp, connection: Connection
) -> None:
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    import_actors(connection, "Person", Selection(keys=["10"]), by="test")
    assert [item.kind for item in attention.items()] == [attention.Kind.PERSON]
    apply(fjord_planned(connection, Wins.CRM), "eva")
    assert Link.objects.get(actor_type="Person").erp_key == "10"
    assert attention.items() == []


def test_a_person_whose_company_came_apart_since_is_left_out(erp: MemoryErp, connection: Connection) -> None:
    add_contact(company("Fjord Fisk"), "Eva", "Berg")
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    apply(fjord_planned(connection, Wins.CRM), "eva")
    found = compared(connection, "Person")
    matching.choose_clear(found, 0.5)
    erp.put(ActorType.PERSON, "10", parent="2")
    (item,) = planned(found).items.all()
    assert (item.outcome, item.problem["code"]) == (PlanOutcome.SKIPPED, "no_company_link")


def test_a_comparison_that_fails_has_no_result_and_the_next_one_has(erp: MemoryErp, connection: Connection) -> None:
    actor = actor_of(connection)
    erp.down = "Closed for the night."
    matching.start(actor, "eva")
    run_job(JobState.FAILED)
    assert matching.get(actor.pk).compared_at is None
    erp.down = ""
    found = compared(connection)
    assert found.compared_at is not None
    assert not MatchKey.objects.exists()
    assert matching.counts(compared(connection)) == matching.counts(found)


def test_while_a_job_is_at_work_nothing_is_chosen(connection: Connection) -> None:
    found = compared(connection)
    matching.start(actor_of(connection), "eva")
    again = matching.get(found.actor_id)
    for act in (
        lambda: matching.choose(again, []),
        lambda: matching.choose_clear(again, 0.5),
        lambda: matching.start_plan(again, Wins.CRM, "eva"),
    ):
        with pytest.raises(Refused):
            act()


def test_a_record_that_was_edited_since_the_plan_is_merged_as_that_edit(erp: MemoryErp, connection: Connection) -> None:
    plan = fjord_planned(connection, Wins.NEITHER)
    edit(company("Fjord Fisk"), POSTALCITY="Stryn")
    apply(plan, "eva")
    sync_now(None, "eva")
    assert erp.value("1", "CITY") == "Stryn"


def test_nothing_is_compared_with_all(erp: MemoryErp, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        erp.put(CUSTOMER, f"c{number}", NAME=f"Firm {number:05d}x{number}")
        add_company(f"Firm {number:05d}x{number}")
    calls: list[object] = []
    real = match_comparing.likeness
    monkeypatch.setattr(match_comparing, "likeness", lambda a, b: calls.append(a) or real(a, b))
    assert matching.counts(compared(connection))[Kind.CLEAR] == 61
    assert len(calls) < 600


def test_names_of_common_words_meet_by_two_of_them(erp: MemoryErp, connection: Connection) -> None:
    for number in range(40):
        erp.put(CUSTOMER, f"n{number}", NAME=f"Nordic {chr(97 + number % 26) * 6}{number}")
        erp.put(CUSTOMER, f"s{number}", NAME=f"Shipping {chr(97 + number % 26) * 6}{number}")
    erp.put(CUSTOMER, "both", NAME="Nordic Shipping")
    made = add_company("Nordic Shippings")
    (pair,) = matching.pairs(compared(connection), clear=True).filter(actor__erp_key="both")
    assert pair.record.record_id == made.id


WORDS = st.sampled_from(["Fjord", "Fisk", "Havn", "Bygg", "Sol", "Øst", "AS", "GmbH", "Bakeriet"])
TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "NAME": st.lists(WORDS, max_size=4).map(" ".join),
        "VATNO": st.sampled_from(["NO 987 654 321 MVA", "987654321", "SE556012345601", ""]),
        "PHONE": st.sampled_from(["+47 72 48 00 00", "72480000", "0047-72480000", "1"]),
        "EMAIL": st.sampled_from(["a@b.no", "A@B.NO "]),
    },
)


@given(TEXTS, TEXTS)
def test_whoever_shares_a_number_an_address_or_a_name_shares_a_key(
    ours: dict[str, str], theirs: dict[str, str]
) -> None:
    one, other = identity(ours), identity(theirs)
    if set(likeness(one, other).reasons) & {Reason.VAT, Reason.EMAIL, Reason.PHONE} or one.names & other.names:
        assert keys_of(one) & keys_of(other)
    assert not keys_of(one, "Customer:1") & keys_of(one, "Customer:2")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=6), st.lists(st.tuples(st.booleans(), st.integers(0, 30))))
def test_no_record_and_no_actor_is_ever_used_twice(
    erp: MemoryErp,
    connection: Connection,
    ours: list[dict[str, str]],
    theirs: list[dict[str, str]],
    choices: list[tuple[bool, int]],
) -> None:
    with transaction.atomic():
        for values in ours:
            add_company(values.get("NAME") or "Stengt", **{k: v for k, v in values.items() if k != "NAME"})
        for number, texts in enumerate(theirs):
            erp.put(CUSTOMER, f"h{number}", **{k: texts.get(k, "") for k in ("NAME", "VATNO")})
        found = Matching.objects.create(actor=actor_of(connection))
        compare(found, Progress())
        clear = list(matching.pairs(found, clear=True))
        assert len({p.record_id for p in clear}) == len({p.actor_id for p in clear}) == len(clear)
        every = list(found.pairs.order_by("id"))
        matching.choose_clear(found, 0.5)
        for on, place in choices:
            pair = [every[place % len(every)].pk] if every else []
            matching.choose(found, pair if on else [], [] if on else pair)
        accepted = list(matching.chosen(found))
        assert len({p.record_id for p in accepted}) == len({p.actor_id for p in accepted}) == len(accepted)
        transaction.set_rollback(True)
