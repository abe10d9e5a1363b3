"""What a user has chosen in the ERP tab of a record and not saved yet (behaviour U7)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from brygga.erp.models.connections import Connection


class PendingAction(models.TextChoices):
    """What is to be done with Save."""

    CONNECT = "connect"
    CREATE = "create"
    DISCONNECT = "disconnect"


class PendingChange(models.Model):
    """One change that waits for Save; it belongs to a user, and nobody else sees it.

    `actor_name` is how the actor was shown. `chosen` are the values chosen, in wire form by CRM field key, `answers`
    what was asked for, in wire form by ERP field key. `seen` is what both sides held then (see `services.seen`), and
    `summary` what the user was shown of it, `[[label, text], …]`. `problem` says why the last Save could not do it, as
    `brygga.erp.problems` stores it. `token` is good for one Save; `claimed_at` is when that Save took it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=10, choices=PendingAction.choices)
    actor_type = models.CharField(max_length=20)
    erp_key = models.CharField(max_length=200, blank=True, default="")
    actor_name = models.TextField(blank=True, default="")
    chosen = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    summary = models.JSONField(default=list)
    problem = models.JSONField(default=dict)
    token = models.UUIDField(default=uuid.uuid4)
    claimed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "record_type", "record_id", "connection"], name="pending_change_once"
            )
        ]
