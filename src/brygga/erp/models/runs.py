"""Runs of the engine, the log of what they changed, and leases."""

from __future__ import annotations

from django.db import models

from brygga.erp.models.connections import Connection


class RunState(models.TextChoices):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Run(models.Model):
    """One sync, import, resync or act of a user. `report` has the counts and problems per connection."""

    kind = models.CharField(max_length=20)
    by = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    report = models.JSONField(default=list)


class RunFigure(models.Model):
    """What a run did with one connection, in numbers for the plots; a run that did nothing has none of them.

    They stand in its report as well, but reports grow long with problems, and quiet runs are many. `connection` is
    null in what comes from reports of before ids were kept.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="figures")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    changes = models.PositiveBigIntegerField()
    failures = models.PositiveBigIntegerField()


class LogEntry(models.Model):
    """One field given a new value by sync (behaviour A15). Values are canonical JSON.

    `base` is the pair (CRM, ERP) that had been agreed before, null where there was none or it is not known.
    """

    at = models.DateTimeField(db_index=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="entries")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT)
    actor_type = models.CharField(max_length=20)
    erp_key = models.CharField(max_length=200)
    record_type = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    erp_field = models.CharField(max_length=200)
    crm_field = models.CharField(max_length=200)
    target = models.CharField(max_length=3)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    base = models.JSONField(null=True)
    rule = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["record_type", "record_id"], name="log_record")]


class Lease(models.Model):
    """That one engine holds a piece of work until a time; taken by compare-and-set (behaviour E5)."""

    name = models.CharField(max_length=100, primary_key=True)
    owner = models.CharField(max_length=100)
    expires_at = models.DateTimeField()
