"""Imports from an ERP on their way, and the criteria that a user last searched with (behaviour I2, S)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from brygga.erp.models.jobs import Job
from brygga.erp.models.mappings import ActorMapping
from brygga.erp.models.plans import StoredPlan


class ImportDraft(models.Model):
    """An import from its first search to its result: `plan` is its preview, `job` what plans it or carries it out.

    `choices` are those of `brygga.erp.services.import_choices`. Automatic sync leaves the connection alone
    until `rests_until` (behaviour I1): the time is prolonged with each step, so an import that was left lying lets it
    go on by itself.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(ActorMapping, on_delete=models.CASCADE, related_name="imports")
    choices = models.JSONField(default=dict)
    plan = models.ForeignKey(StoredPlan, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    rests_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class ImportRow(models.Model):
    """An actor that the last search `found`, in its `place`, or that is `chosen` for the import, or both.

    `values` are those shown in search results, in wire form by ERP field key.
    """

    draft = models.ForeignKey(ImportDraft, on_delete=models.CASCADE, related_name="rows")
    erp_key = models.CharField(max_length=200)
    values = models.JSONField(default=dict)
    place = models.PositiveIntegerField(default=0)
    found = models.BooleanField(default=False)
    chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "erp_key"], name="import_row_once")]
        indexes = [models.Index(fields=["draft", "place"], name="import_row_place")]


class RememberedSearch(models.Model):
    """The criteria that a user last searched an actor type with: `[field key, operator, [values in wire form]]`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(ActorMapping, on_delete=models.CASCADE, related_name="+")
    lines = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "actor"], name="remembered_search_once")]
