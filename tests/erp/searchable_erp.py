"""An ERP in memory that can be searched by criteria, for tests of advanced search and of the import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import connect_memory

from brygga.contract import ActorsResponse, ActorType, SearchRestriction
from brygga.contract.search import SearchError, matcher
from brygga.crm.models import User
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, FieldMapping, ImportDraft, Job, JobState, PlanItem
from brygga.erp.services import import_drafts, plans, resting
from brygga.erp.services.import_choices import ImportChoices
from brygga.jobs.runner import Runner

CUSTOMER = ActorType.CUSTOMER


class SearchableErp(MemoryErp):
    """An ERP in memory that can be searched by criteria."""

    def search_actors_advanced(
        self, guid: str, actor_type: ActorType, restrictions: Sequence[SearchRestriction], field_keys: Sequence[str]
    ) -> ActorsResponse:
        """Those for which all restrictions hold."""
        types = dict(FieldMapping.objects.filter(actor__actor_type=actor_type).values_list("key", "type"))
        try:
            test = matcher(restrictions, types)
        except SearchError as error:
            return ActorsResponse.failure(str(error))
        found = [actor for (kind, _), actor in self.actors.items() if kind == actor_type and test(actor)]
        return self._answer(guid, "search_actors_advanced", found, field_keys)


@contextmanager
def searchable(name: str = "memory", customers: int = 9) -> Iterator[tuple[SearchableErp, Connection]]:
    """Customers "Nr 1" and on, the last of a group that is not mapped; name, group and city can be searched."""
    erp = SearchableErp()
    with connectors.use(name, erp):
        for number in range(1, customers + 1):
            group = "3" if number == customers else "1"
            erp.put(CUSTOMER, str(number), NAME=f"Nr {number}", CITY="Bergen", GROUP=group)
        connection = connect_memory(name)
        fields = FieldMapping.objects.filter(actor__connection=connection)
        fields.filter(key__in=["NAME", "CITY", "GROUP", "LASTNAME"]).update(searchable=True)
        fields.filter(key__in=["NAME", "CITY", "LASTNAME"]).update(show_in_search=True)
        yield erp, connection


def the_customers() -> ActorMapping:
    """The customers of the only connection."""
    return ActorMapping.objects.select_related("connection").get(actor_type="Customer")


def import_begun(user: User | None = None) -> ImportDraft:
    """An import of the customers that this user, or an administrator, has just begun, with automatic sync off."""
    draft = import_drafts.open_draft(user or create_user("eva", "secret-word", administrator=True), the_customers())
    resting.rest(draft)
    return draft


def again(draft: ImportDraft) -> ImportDraft:
    """The import as it is stored now."""
    return import_drafts.get(draft.pk)


def gather(draft: ImportDraft, keys: list[str] | None = None, **choices: object) -> None:
    """Choose these actors, or all, and the settings."""
    import_drafts.search(draft, [])
    import_drafts.add(draft, keys)
    import_drafts.choose(draft, ImportChoices(**choices))  # type: ignore[arg-type]


def run_job() -> Job:
    """Work the next job off."""
    job = Runner().run_next()
    assert job is not None
    return job


def preview(draft: ImportDraft) -> ImportDraft:
    """The import with its preview made."""
    import_drafts.start_preview(draft, "eva")
    assert run_job().state == JobState.DONE
    return again(draft)


def imported(draft: ImportDraft) -> ImportDraft:
    """The import, previewed and carried out."""
    import_drafts.start_import(preview(draft), "eva")
    assert run_job().state == JobState.DONE
    return again(draft)


def items(draft: ImportDraft) -> dict[tuple[str, str], PlanItem]:
    """The items of the preview by ERP key and CRM field."""
    assert draft.plan is not None
    return {(item.erp_key, item.crm_field): item for item in plans.items(draft.plan)}
