"""Plans that are stored, looked at, and carried out as they are or not at all (behaviour G1)."""

from __future__ import annotations

from django.db import models

from brygga.erp.models.connections import Connection
from brygga.erp.models.runs import Run


class PlanState(models.TextChoices):
    """How a plan stands. One that is being made is of no use yet."""

    MAKING = "making"
    OPEN = "open"
    APPLYING = "applying"
    APPLIED = "applied"
    DROPPED = "dropped"


class StoredPlan(models.Model):
    """What a sync, resync, import or undo would do. `params` says what was asked for; `run` is what applied it."""

    kind = models.CharField(max_length=20)
    by = models.CharField(max_length=200, blank=True, default="")
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.OPEN)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="plans")
    created_at = models.DateTimeField(auto_now_add=True)


class PlanOutcome(models.TextChoices):
    """What became of an item of a plan. One that was skipped was never to be written, for the reason it gives."""

    WAITING = "waiting"
    DONE = "done"
    MOVED = "moved"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    SKIPPED = "skipped"


class PlanItem(models.Model):
    """One value to be written. `base` is the pair (CRM, ERP) agreed when the plan was made, `other` the value of the
    side that is not written: the item is refused if either of them, or `old`, has moved since.

    `record_id` is null for a record that the plan would create; then `new` holds its values by CRM field key, and
    `problem` may have `notes`, the issues of fields that stay blank. It gets its id as soon as it is there.
    """

    plan = models.ForeignKey(StoredPlan, on_delete=models.CASCADE, related_name="items")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT)
    record_type = models.CharField(max_length=20)
    record_id = models.BigIntegerField(null=True)
    actor_type = models.CharField(max_length=20)
    erp_key = models.CharField(max_length=200)
    erp_field = models.CharField(max_length=200, blank=True, default="")
    crm_field = models.CharField(max_length=200, blank=True, default="")
    side = models.CharField(max_length=3)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    other = models.JSONField(null=True)
    base = models.JSONField(null=True)
    rule = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, choices=PlanOutcome.choices, default=PlanOutcome.WAITING)
    problem = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["plan", "connection", "record_type", "record_id"], name="plan_item_record")]
