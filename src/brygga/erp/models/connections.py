"""Connectors, connections, who may use them, and the settings of automatic sync (behaviour A1 to A6)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from brygga.erp.problems import text_in
from brygga.merge import Policy


class Connector(models.Model):
    """Glue to one kind of ERP, by its address: `plugin://NAME`, `http(s)://…` or `app://…` (contract, section 1)."""

    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500)
    deleted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(deleted=False), name="connector_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Connection(models.Model):
    """A connector with configuration: one company in an ERP system.

    `names` and `descriptions` map a language code to text. `priority` orders connections, lowest first
    (behaviour A12). `failure` is the problem for which the last run of this connection failed, as
    `brygga.erp.problems` stores it, or empty; `failures` counts the failed runs since the last good one, and automatic
    sync leaves the connection alone until `retry_at`. `paused` is the problem for which sync stopped by itself until
    an administrator lets it go on, or empty.
    """

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="connections")
    names = models.JSONField(default=dict)
    descriptions = models.JSONField(default=dict)
    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    active = models.BooleanField(default=False)
    all_access = models.BooleanField(default=True)
    priority = models.IntegerField(default=0)
    policy = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Policy], default=Policy.PRIORITY)
    last_run_at = models.DateTimeField(null=True)
    failure = models.JSONField(blank=True, default=dict)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    paused = models.JSONField(blank=True, default=dict)
    deleted = models.BooleanField(default=False)

    class Meta:
        ordering = ["priority", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return _in_language(self.names)

    @property
    def description(self) -> str:
        """The description in the language of the reader."""
        return _in_language(self.descriptions)

    @property
    def failure_text(self) -> str:
        """Why the last run failed, in the language of the reader; empty if it did not."""
        return text_in(self.failure)


class ConfigValue(models.Model):
    """One configuration value of a connection; a secret is stored encrypted (see `brygga.erp.secrets`)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="config_values")
    key = models.CharField(max_length=200)
    value = models.TextField(blank=True, default="")
    secret = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="config_value_once")]


class Access(models.Model):
    """What a user or a group may do with a connection whose scope is not everyone (behaviour A5)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="access")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    group = models.ForeignKey("crm.UserGroup", on_delete=models.CASCADE, null=True)
    may_connect = models.BooleanField(default=True)
    may_create = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True, group__isnull=False)
                | models.Q(user__isnull=False, group__isnull=True),
                name="access_user_or_group",
            ),
            models.UniqueConstraint(fields=["connection", "user"], name="access_user_once"),
            models.UniqueConstraint(fields=["connection", "group"], name="access_group_once"),
        ]


class SyncSettings(models.Model):
    """The one row of settings for automatic sync (behaviour A1, A12).

    `crm_priority` is the CRM's place among the connections' priorities: it wins conflicts against
    connections with a higher number. `interval` is in seconds. A run in which more than `failed_limit` records fail
    pauses its connection; so does one in which more than `gone_limit` records, and more than `gone_share` per cent of
    those it looked for, have disappeared from the ERP.
    """

    automatic = models.BooleanField(default=True)
    interval = models.PositiveIntegerField(default=120)
    crm_priority = models.IntegerField(default=0)
    next_run_at = models.DateTimeField(null=True)
    failed_limit = models.PositiveIntegerField(default=100)
    gone_limit = models.PositiveIntegerField(default=20)
    gone_share = models.PositiveSmallIntegerField(default=10)

    @classmethod
    def load(cls) -> SyncSettings:
        """The row, made with its defaults when it is missing."""
        return cls.objects.get_or_create(pk=1)[0]


def _in_language(texts: dict[str, str]) -> str:
    language = (get_language() or "en").split("-")[0]
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
