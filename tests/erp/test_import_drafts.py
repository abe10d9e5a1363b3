"""Imports step by step: gathered, planned, carried out, with automatic sync off meanwhile (behaviour I1 to I4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from tests.erp.searchable_erp import (
    SearchableErp,
    again,
    gather,
    import_begun,
    imported,
    preview,
    run_job,
    searchable,
)

from brygga.contract import SearchRestriction
from brygga.crm.models import Company
from brygga.crm.services.users import create_user
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import (
    Connection,
    FieldMapping,
    ImportDraft,
    Job,
    JobState,
    StoredPlan,
    SyncSettings,
)
from brygga.erp.services import import_drafts, import_review, jobs, resting
from brygga.erp.services.import_drafts import Step
from brygga.erp.services.sync import due_connections

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp(db: None) -> Iterator[SearchableErp]:
    with searchable() as (made, _connection):
        yield made


@pytest.fixture
def draft(erp: SearchableErp) -> ImportDraft:
    return import_begun()


def test_what_is_found_is_gathered_search_by_search_and_imported_as_planned(erp, draft) -> None:
    assert import_drafts.search(draft, [SearchRestriction("NAME", "ends", ["2"])]).count == 1
    assert import_drafts.add(draft, None) == 1
    import_drafts.search(draft, [SearchRestriction("CITY", "=", ["bergen"])])
    assert import_drafts.add(draft, ["3", "4", "nonsense"]) == 2
    assert [row.erp_key for row in import_drafts.chosen_rows(draft)] == ["2", "3", "4"]
    assert import_drafts.remove(draft, ["4"]) == 1

    draft = preview(draft)
    assert import_drafts.step_of(draft) is Step.PREVIEW
    assert not Company.objects.exists()
    import_drafts.start_import(draft, "eva")
    assert run_job().state == JobState.DONE
    draft = again(draft)
    assert import_drafts.step_of(draft) is Step.DONE
    assert sorted(Company.objects.values_list("name", flat=True)) == ["Nr 2", "Nr 3"]


def test_a_search_keeps_what_is_chosen_and_forgets_what_was_found_before(erp, draft) -> None:
    import_drafts.search(draft, [SearchRestriction("NAME", "ends", ["2"])])
    import_drafts.add(draft, None)
    import_drafts.search(draft, [SearchRestriction("NAME", "ends", ["5"])])
    assert [row.erp_key for row in import_drafts.found_rows(draft)] == ["5"]
    assert [row.erp_key for row in import_drafts.chosen_rows(draft)] == ["2"]
    assert draft.rows.count() == 2


def test_no_more_is_taken_than_can_be_looked_through(erp, draft, monkeypatch) -> None:
    monkeypatch.setattr(import_drafts, "MOST_FOUND", 4)
    found = import_drafts.search(draft, [])
    assert (found.count, found.more) == (4, True)
    monkeypatch.setattr(import_drafts, "MOST_FOUND", 9)
    assert import_drafts.search(draft, []) == import_drafts.Found(9, False)


def test_a_search_that_fails_leaves_everything_as_it_was(erp, draft) -> None:
    import_drafts.search(draft, [])
    erp.down = "Closed."
    with pytest.raises(ConnectorFailed):
        import_drafts.search(draft, [])
    assert import_drafts.found_rows(draft).count() == 9


def test_linked_actors_are_not_chosen(erp, draft) -> None:
    gather(draft, ["1"])
    preview(draft)
    import_drafts.start_import(again(draft), "eva")
    run_job()
    other = import_drafts.open_draft(draft.user, draft.actor)
    import_drafts.search(other, [])
    assert import_drafts.add(other, None) == 8
    assert not import_drafts.chosen_rows(other).filter(erp_key="1").exists()


def test_an_import_that_is_begun_is_gone_on_with_and_one_that_is_done_is_not(erp, draft) -> None:
    assert import_drafts.open_draft(draft.user, draft.actor) == draft
    other = create_user("bo", "secret-word", administrator=True)
    assert import_drafts.open_draft(other, draft.actor) != draft
    gather(draft, ["1"])
    draft = imported(draft)
    assert import_drafts.open_draft(draft.user, draft.actor) != draft


# Jobs, and automatic sync


def test_nothing_is_planned_or_imported_while_automatic_sync_is_on(erp, draft) -> None:
    gather(draft, ["1"])
    resting.wake(draft)
    with pytest.raises(Refused, match="Automatic sync"):
        import_drafts.start_preview(draft, "eva")
    resting.rest(draft)
    draft = preview(draft)
    resting.wake(draft)
    with pytest.raises(Refused, match="Automatic sync"):
        import_drafts.start_import(draft, "eva")
    SyncSettings.objects.update(automatic=False)
    import_drafts.start_import(draft, "eva")
    assert run_job().state == JobState.DONE


def test_automatic_sync_leaves_the_connection_alone_until_the_import_ends(erp, draft) -> None:
    connection = draft.actor.connection
    assert (resting.is_automatic(connection), due_connections()) == (False, [])
    gather(draft, ["1"])
    import_drafts.start_import(preview(draft), "eva")
    assert due_connections() == []
    run_job()
    assert (resting.is_automatic(connection), due_connections()) == (True, [connection])


def test_an_import_that_is_left_lying_lets_automatic_sync_go_on(draft) -> None:
    connection = draft.actor.connection
    ImportDraft.objects.update(rests_until=timezone.now())
    draft.refresh_from_db()
    resting.prolong(draft)
    assert resting.is_automatic(connection)
    resting.rest(draft)
    before = draft.rests_until
    resting.prolong(draft)
    assert draft.rests_until > before
    connection.active = False
    assert not resting.is_automatic(connection)


def test_a_preview_that_fails_leaves_no_plan_and_says_why(erp, draft) -> None:
    gather(draft, ["1"])
    import_drafts.start_preview(draft, "eva")
    erp.down = "Closed."
    job = run_job()
    draft = again(draft)
    assert (job.state, jobs.outcome(job).failures) == (JobState.FAILED, ("Closed.",))
    assert (import_drafts.step_of(draft), StoredPlan.objects.count()) == (Step.GATHERING, 0)


def test_a_preview_that_is_stopped_leaves_no_plan(erp, draft, monkeypatch) -> None:
    monkeypatch.setattr("brygga.jobs.runner.STORE_EVERY", 0)
    gather(draft, None)
    import_drafts.start_preview(draft, "eva")
    erp.before = lambda operation: Job.objects.update(stop=True) and None
    draft = again(draft)
    assert run_job().state == JobState.STOPPED
    assert (import_drafts.step_of(again(draft)), StoredPlan.objects.count()) == (Step.GATHERING, 0)


def test_an_import_whose_erp_goes_down_waits_and_goes_on(erp, draft) -> None:
    gather(draft, ["1", "2"])
    draft = preview(draft)
    import_drafts.start_import(draft, "eva")
    erp.down = "Closed."
    assert run_job().state == JobState.FAILED
    draft = again(draft)
    assert (import_drafts.step_of(draft), import_review.chosen(draft.plan)) == (Step.DONE, 2)
    erp.down = ""
    resting.rest(draft)
    import_drafts.start_import(draft, "eva")
    assert run_job().state == JobState.DONE
    assert Company.objects.count() == 2
    with pytest.raises(Refused, match="has been carried out"):
        import_drafts.start_import(again(draft), "eva")


def test_a_preview_can_be_gone_back_from_and_an_import_discarded(erp, draft) -> None:
    gather(draft, ["1"])
    draft = preview(draft)
    with pytest.raises(Refused, match="past its preview"):
        import_drafts.add(draft, None)
    import_drafts.back(draft)
    assert import_drafts.step_of(again(draft)) is Step.GATHERING
    draft = preview(draft)
    import_drafts.discard(draft)
    assert (StoredPlan.objects.count(), ImportDraft.objects.count()) == (0, 0)
    with pytest.raises(NotFound):
        import_drafts.get(draft.pk or 1)


def test_an_import_is_not_discarded_while_its_preview_is_made(erp, draft) -> None:
    gather(draft, ["1"])
    import_drafts.start_preview(draft, "eva")
    with pytest.raises(Refused, match="Stop that first"):
        import_drafts.discard(again(draft))
    jobs.stop(again(draft).job)
    import_drafts.discard(again(draft))
    assert not ImportDraft.objects.exists()


def test_an_import_that_is_done_is_not_discarded(erp, draft) -> None:
    gather(draft, ["1"])
    import_drafts.start_import(preview(draft), "eva")
    run_job()
    with pytest.raises(Refused, match="Undo it"):
        import_drafts.discard(again(draft))


def test_without_a_choice_there_is_nothing_to_preview(draft) -> None:
    with pytest.raises(Refused, match="at least one"):
        import_drafts.start_preview(draft, "eva")


def test_only_what_can_be_searched_and_is_synced_is_on_offer(draft) -> None:
    assert [one.actor_type for one in import_drafts.actors_on_offer()] == ["Customer", "Person"]
    FieldMapping.objects.filter(actor__actor_type="Person").update(searchable=False)
    assert [one.actor_type for one in import_drafts.actors_on_offer()] == ["Customer"]
    Connection.objects.update(deleted=True)
    assert import_drafts.actors_on_offer() == []
