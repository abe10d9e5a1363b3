"""The steps of an import on screen: their addresses, and how it gets to its preview."""

from __future__ import annotations

from django.urls import reverse
from tests.erp.searchable_erp import gather, preview
from tests.erp.searchable_erp import run_job as worked_off

from brygga.erp.models import ImportDraft, JobState

CHOICES = {"duplicates": "NAME", "on_duplicate": "merge", "unknown": "add"}


def url(page: str, draft: ImportDraft, *more: str) -> str:
    """The address of a page of the import."""
    return reverse(f"web:imports_{page}", args=[draft.pk, *more])


def run_job() -> None:
    """Work the next job off; it must succeed."""
    job = worked_off()
    assert job.state == JobState.DONE, job.problem


def previewed(draft: ImportDraft, keys: list[str] | None = None, **choices: str) -> ImportDraft:
    """The import with everything found, or these keys, gathered and previewed."""
    gather(draft, keys, **(CHOICES | choices))
    return preview(draft)
