"""Links between CRM records and ERP actors, with the values last agreed on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from brygga.erp.models.connections import Connection


class LinkState(models.TextChoices):
    """How a link stands. The value is stored; users see a translated text."""

    OK = "ok"
    FAILED = "failed"
    CONFLICT = "conflict"
    GONE = "gone"
    MOVED = "moved"


class Link(models.Model):
    """A CRM record and an ERP actor that are kept in agreement.

    `base` maps an ERP field key to `[crm value, erp value]` as last agreed, both canonical: merging needs no
    time stamps. Its key "" is the pair of companies of a contact that a person let stay apart.
    `issues` lists what failed or is in conflict: `[{"field", "code", "params", "value", "target"}]`, where code and
    params are a problem as `brygga.erp.problems` stores it. A link that failed waits, longer with each of its
    `failures`. `sent` is what was sent to the ERP before an answer was lost: `{"run", "writes"}`, each write
    `[erp field, crm field, old, new, rule, crm]` (see `engine.links.Sent`), or null; with `"refused": true` there was
    an answer, which refused the batch. `parent_key` is the ERP key of the company that a person was last seen to
    belong to. `assignee` is who takes care of what needs attention.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="links")
    actor_type = models.CharField(max_length=20)
    erp_key = models.CharField(max_length=200)
    record_type = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    base = models.JSONField(default=dict)
    erp_stamp = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=LinkState.choices, default=LinkState.OK)
    issues = models.JSONField(default=list)
    failures = models.PositiveSmallIntegerField(default=0)
    sent = models.JSONField(null=True)
    parent_key = models.CharField(max_length=200, blank=True, default="", db_default="")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "record_type", "record_id"], name="link_record_once"),
            models.UniqueConstraint(fields=["connection", "actor_type", "erp_key"], name="link_actor_once"),
        ]
        indexes = [
            models.Index(fields=["record_type", "record_id"], name="link_record"),
            models.Index(fields=["connection", "state"], condition=~models.Q(state="ok"), name="link_not_ok"),
        ]


class WaitingLink(models.Model):
    """That a link waits to be merged: its CRM record has changed, or it failed and is to be tried again.

    `version` is the version of the CRM record that is to be dealt with, 0 for whatever it is by then. Automatic sync
    leaves the link alone until `retry_at`. Rows come and go with each change, so they are apart from the wide links.
    """

    link = models.OneToOneField(Link, primary_key=True, on_delete=models.CASCADE, related_name="waiting")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.BigIntegerField()
    retry_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "link"], name="waiting_link_next")]


class Sending(models.Model):
    """A batch on its way to an ERP: a row that stays tells that its answer was lost.

    `writes` lists the links with what each is sent: `[link id, write…]`, a write as in `Link.sent`.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    run_id = models.BigIntegerField()
    writes = models.JSONField()


class CreateIntent(models.Model):
    """That an actor is about to be created for a record; outlives a lost answer, so nothing is made twice.

    `values` are what is sent, in wire form, and `base` the pairs (CRM, ERP) that will have been agreed with it.
    `since` is the newest stamp before the try, and `known` the keys of the actors that had it: what the try makes comes
    after them. `doubt` says, as `brygga.erp.problems` stores it, why what was found since has to be judged by a person.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="intents")
    actor_type = models.CharField(max_length=20)
    record_type = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    values = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    parent_type = models.CharField(max_length=20, blank=True, default="")
    parent_key = models.CharField(max_length=200, blank=True, default="")
    since = models.TextField(blank=True, default="")
    known = models.JSONField(default=list)
    doubt = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "record_type", "record_id"], name="create_intent_once")
        ]
