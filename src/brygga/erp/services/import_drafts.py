"""Imports step by step: searched for, gathered, previewed as a plan, carried out, looked at (behaviour I2 to I4)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from brygga import batch
from brygga.contract import SearchRestriction
from brygga.crm.models import User
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, FieldMapping, ImportDraft, ImportRow, Link, PlanState, StoredPlan
from brygga.erp.services import advanced_search, jobs, plans, resting
from brygga.erp.services.applying import apply
from brygga.erp.services.import_choices import ImportChoices, check, first_choices
from brygga.erp.services.importing import Selection
from brygga.erp.services.jobs import OPEN, JobKind

MOST_FOUND = 20_000
"""How many actors one search brings; who has more to import searches several times, or by `brygga import`."""


class Step(StrEnum):
    """Where an import stands."""

    GATHERING = "gathering"
    PLANNING = "planning"
    PREVIEW = "preview"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought; `more` says that there is more than was taken."""

    count: int
    more: bool


def actors_on_offer() -> list[ActorMapping]:
    """The actor types that can be imported: mapped ones with searchable fields, by connection (behaviour I2)."""
    searchable = FieldMapping.objects.filter(actor=OuterRef("pk"), searchable=True, missing=False)
    actors = ActorMapping.objects.filter(Exists(searchable), sync=True, connection__deleted=False)
    actors = actors.exclude(record_type="").filter(connection__connector__deleted=False)
    return list(actors.select_related("connection__connector").order_by("connection__priority", "connection_id", "id"))


def open_draft(user: User, actor: ActorMapping) -> ImportDraft:
    """The import of these actors that the user has begun, or a new one."""
    for draft in drafts().filter(user=user, actor=actor):
        if step_of(draft) is not Step.DONE:
            return draft
    return ImportDraft.objects.create(user=user, actor=actor, choices=first_choices(actor).stored())


def drafts() -> QuerySet[ImportDraft]:
    """All imports, the latest first."""
    related = ("user", "actor__connection__connector", "plan__run", "job")
    return ImportDraft.objects.select_related(*related).order_by("-id")


def get(draft_id: int) -> ImportDraft:
    """An import. Raises NotFound."""
    found = drafts().filter(pk=draft_id).first()
    if found is None:
        raise NotFound(_("There is no import %(id)s.") % {"id": draft_id})
    return found


def step_of(draft: ImportDraft) -> Step:
    """Where an import stands."""
    is_at_work = draft.job is not None and draft.job.state in OPEN
    if draft.plan is None:
        return Step.PLANNING if is_at_work else Step.GATHERING
    if is_at_work:
        return Step.RUNNING
    if draft.plan.state == PlanState.DROPPED:
        return Step.GATHERING
    return Step.PREVIEW if draft.plan.state == PlanState.OPEN else Step.DONE


def discard(draft: ImportDraft) -> None:
    """Give an import up that has not been carried out. Raises Refused for others, and while a job is at work on it."""
    step = step_of(draft)
    if step is Step.DONE:
        raise Refused(_("This import has been carried out. Undo it instead."))
    if step in (Step.PLANNING, Step.RUNNING):
        raise Refused(_("Somebody is at work on this import. Stop that first."))
    _drop_plan(draft)
    draft.delete()


# Searching and gathering


def search(draft: ImportDraft, restrictions: Sequence[SearchRestriction]) -> Found:
    """Search, and keep what is found beside what is chosen already. Raises ConnectorFailed; then nothing is found."""
    _gathering(draft)
    keys = [one.key for one in shown_fields(draft.actor)]
    asked = iter(advanced_search.find(draft.actor, restrictions, keys))
    with transaction.atomic():
        draft.rows.filter(chosen=False).delete()
        draft.rows.update(found=False)
        columns = ("draft_id", "erp_key", "values", "place", "found", "chosen")
        seen: dict[str, None] = {}
        rows = (
            (draft.pk, actor.erp_key, json.dumps(actor.fields), place, True, False)
            for place, actor in enumerate(islice(asked, MOST_FOUND), start=1)
            if actor.erp_key not in seen and not seen.setdefault(actor.erp_key)
        )
        changed = ("values", "place", "found")
        batch.upsert_rows(ImportRow._meta.db_table, columns, rows, ("draft_id", "erp_key"), changed)
    return Found(len(seen), next(asked, None) is not None)


def shown_fields(actor: ActorMapping) -> list[FieldMapping]:
    """The fields that are shown in search results, in rank order; the key alone where there are none."""
    return list(actor.fields.filter(show_in_search=True, missing=False).select_related("actor__connection__connector"))


def found_rows(draft: ImportDraft) -> QuerySet[ImportRow]:
    """What the last search found, in the ERP's order."""
    return draft.rows.filter(found=True).order_by("place", "id")


def chosen_rows(draft: ImportDraft) -> QuerySet[ImportRow]:
    """What is going to be imported."""
    return draft.rows.filter(chosen=True).order_by("id")


def chosen_counts(some: Iterable[ImportDraft]) -> dict[int, int]:
    """How many actors are going to be imported, by id of the import; one query for all."""
    rows = ImportRow.objects.filter(draft__in=list(some), chosen=True).order_by()
    return dict(rows.values_list("draft").annotate(Count("id")))


def add(draft: ImportDraft, erp_keys: Collection[str] | None) -> int:
    """Choose actors that were found, or all of them, for the import; returns how many are new to it.

    Those that are linked already are left out.
    """
    _gathering(draft)
    links = Link.objects.filter(
        connection=draft.actor.connection_id, actor_type=draft.actor.actor_type, erp_key=OuterRef("erp_key")
    )
    rows = draft.rows.filter(~Exists(links), found=True, chosen=False)
    return (rows if erp_keys is None else rows.filter(erp_key__in=list(erp_keys))).update(chosen=True)


def remove(draft: ImportDraft, erp_keys: Collection[str] | None) -> int:
    """Take actors, or all, out of the import; returns how many."""
    _gathering(draft)
    rows = draft.rows.filter(chosen=True)
    return (rows if erp_keys is None else rows.filter(erp_key__in=list(erp_keys))).update(chosen=False)


def choose(draft: ImportDraft, choices: ImportChoices) -> None:
    """Keep the settings. Raises Refused for those that an import can't be made with."""
    _gathering(draft)
    check(draft.actor, choices)
    draft.choices = choices.stored()
    draft.save(update_fields=["choices"])


# Planning and carrying out


def start_preview(draft: ImportDraft, by: str) -> None:
    """Have the import planned in the background. Raises Refused where nothing is chosen, or automatic sync is on."""
    _gathering(draft)
    if not draft.rows.filter(chosen=True).exists():
        raise Refused(_("Choose at least one record to import."))
    _begin(draft, JobKind.PLAN_IMPORT, by)


def make_preview(draft: ImportDraft, by: str, progress: Progress, language: str) -> RunReport:
    """Plan the import; the work of a job. `language` is that of list items that it would add.

    Raises what `plans.make_import_plan` does.
    """
    resting.prolong(draft)
    _drop_plan(draft)
    choices = ImportChoices.of(draft.choices)
    selection = Selection(keys=list(chosen_rows(draft).values_list("erp_key", flat=True)))
    with override(language):
        draft.plan = plans.make_import_plan(
            draft.actor.connection, draft.actor.actor_type, selection, choices.duplicates or None,
            choices.on_duplicate, by, progress, choices.unknown_items,
        )  # fmt: skip
    draft.save(update_fields=["plan"])
    return RunReport(dry_run=True, plan=draft.plan.pk)


def back(draft: ImportDraft) -> None:
    """From the preview back to what is to be imported: the plan is given up."""
    if step_of(draft) is Step.PREVIEW:
        _drop_plan(draft)


def start_import(draft: ImportDraft, by: str) -> None:
    """Have the plan carried out in the background. Raises Refused without one, and while automatic sync is on."""
    if step_of(draft) is Step.DONE and _is_whole(draft.plan):
        raise Refused(_("This import has been carried out."))
    if step_of(draft) not in (Step.PREVIEW, Step.DONE):
        raise Refused(_("Look at the preview first."))
    _begin(draft, JobKind.IMPORT, by)


def carry_out(draft: ImportDraft, by: str, progress: Progress) -> RunReport:
    """Carry the plan out, and let automatic sync go on; the work of a job. Raises Refused as `apply` does."""
    if draft.plan is None:
        raise Refused(_("Look at the preview first."))
    resting.rest(draft)
    draft.rows.filter(chosen=False).delete()
    try:
        return apply(draft.plan, by, progress=progress)
    finally:
        resting.wake(draft)


def _begin(draft: ImportDraft, kind: JobKind, by: str) -> None:
    if resting.is_automatic(draft.actor.connection):
        raise Refused(_("Automatic sync of this connection is on. Turn it off for the import first."))
    params = {"draft": draft.pk, "connection": draft.actor.connection_id, "actor_type": draft.actor.actor_type}
    draft.job = jobs.start(kind, params | {"language": get_language() or "en"}, by)
    draft.save(update_fields=["job"])


def _gathering(draft: ImportDraft) -> None:
    """Raise Refused where the import can no longer be changed."""
    if step_of(draft) is not Step.GATHERING:
        raise Refused(_("This import is past its preview. Go back from there to change it."))


def _drop_plan(draft: ImportDraft) -> None:
    plan, draft.plan = draft.plan, None
    if plan is not None:
        draft.save(update_fields=["plan"])
        plan.delete()


def _is_whole(plan: StoredPlan | None) -> bool:
    return plan is not None and plan.state == PlanState.APPLIED
