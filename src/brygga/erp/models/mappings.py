"""How the fields and list items of an ERP map to those of the CRM (behaviour A7 to A11)."""

from __future__ import annotations

from django.db import models

from brygga.contract import Access as FieldAccess
from brygga.contract import FieldType
from brygga.erp.models.connections import Connection
from brygga.merge import Policy


class ActorMapping(models.Model):
    """An actor type of a connection and the kind of CRM record it stands for.

    `position` is the newest LastModified whose change has been dealt with; empty before the first run.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="actors")
    actor_type = models.CharField(max_length=20)
    record_type = models.CharField(max_length=20, blank=True, default="")
    sync = models.BooleanField(default=False)
    position = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["connection", "actor_type"], name="actor_type_once")]


class FieldMapping(models.Model):
    """An ERP field as the connector describes it, and what Brygga does with it.

    `name` and `description` are the connector's localised text. `crm_key` names the CRM field (behaviour F)
    or is empty. An empty `policy` means the connection's. `missing` says that the connector no longer
    offers the field (behaviour A8).
    """

    actor = models.ForeignKey(ActorMapping, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=200)
    name = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    type = models.PositiveSmallIntegerField(choices=[(t.value, t.name) for t in FieldType], default=FieldType.TEXT)
    list_name = models.CharField(max_length=200, blank=True, default="")
    connector_default = models.TextField(blank=True, default="")
    max_length = models.PositiveIntegerField(default=0)
    access = models.PositiveSmallIntegerField(
        choices=[(a.value, a.name) for a in FieldAccess], default=FieldAccess.NORMAL
    )
    rank = models.IntegerField(default=0)
    searchable = models.BooleanField(default=False)
    missing = models.BooleanField(default=False)

    crm_key = models.CharField(max_length=200, blank=True, default="")
    to_crm = models.BooleanField(default=False)
    to_erp = models.BooleanField(default=False)
    show_in_tab = models.BooleanField(default=False)
    show_in_search = models.BooleanField(default=False)
    policy = models.CharField(max_length=10, blank=True, choices=[(p.value, p.value) for p in Policy], default="")

    default_set = models.BooleanField(default=False)
    default_value = models.TextField(blank=True, default="")
    default_ask = models.BooleanField(default=False)
    default_mandatory = models.BooleanField(default=False)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="erp_field_once")]


class ListItemMapping(models.Model):
    """One ERP list item and its CRM list item; one to one within a field (behaviour A9)."""

    field = models.ForeignKey(FieldMapping, on_delete=models.CASCADE, related_name="items")
    erp_item = models.CharField(max_length=200)
    crm_item = models.ForeignKey("crm.CrmListItem", on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["field", "erp_item"], name="erp_item_once"),
            models.UniqueConstraint(fields=["field", "crm_item"], name="crm_item_once"),
        ]
