"""Work that runs in the background, shows its progress, can be stopped, and goes on after a restart (behaviour E10)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from brygga.erp.models.runs import Run


class JobState(models.TextChoices):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job(models.Model):
    """A piece of work. `params` says what to do; `cursor` how far it has come, to go on from there.

    `done` of `total` steps are behind it; `total` 0 means that it is not known. Who runs the job holds the lease
    `job:ID`: a running job without one was interrupted, and is taken up again.
    """

    kind = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    by = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    cursor = models.JSONField(default=dict)
    stop = models.BooleanField(default=False)
    problem = models.JSONField(default=dict)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="jobs")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "id"], name="job_state")]
