"""Lists with their items, and user-defined fields (behaviour C1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from brygga.merge.values import Kind

STANDARD_LISTS = {
    "category": gettext_noop("Category"),
    "business": gettext_noop("Business"),
    "country": gettext_noop("Country"),
    "title": gettext_noop("Title"),
    "position": gettext_noop("Position"),
    "project_type": gettext_noop("Project type"),
    "project_status": gettext_noop("Project status"),
}
"""The lists that every installation has: key and stored name, which is translated on screen."""


class CrmList(models.Model):
    """A list to choose from."""

    key = models.CharField(max_length=50, unique=True)
    name = models.CharField(_("Name"), max_length=100)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, where it is a standard list that nobody has renamed."""
        return gettext(self.name) if STANDARD_LISTS.get(self.key) == self.name else self.name


class CrmListItem(models.Model):
    """One choice. `rank` orders the items; a deleted one stays with the records that have it."""

    list = models.ForeignKey(CrmList, on_delete=models.CASCADE, related_name="items")
    text = models.CharField(_("Text"), max_length=200)
    rank = models.IntegerField(default=0)
    deleted = models.BooleanField(default=False)

    class Meta:
        ordering = ("rank", "text", "id")

    def __str__(self) -> str:
        return self.text


class UserDefinedField(models.Model):
    """A field that an administrator has added to a kind of record; values are kept in the record's `extra`."""

    record_type = models.CharField(max_length=20)
    key = models.CharField(max_length=50)
    name = models.CharField(_("Name"), max_length=100)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    list = models.ForeignKey(CrmList, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    max_length = models.PositiveIntegerField(default=0)
    rank = models.IntegerField(default=0)
    deleted = models.BooleanField(default=False)

    class Meta:
        ordering = ("rank", "id")
        constraints = (models.UniqueConstraint(fields=["record_type", "key"], name="crm_user_field_once"),)

    def __str__(self) -> str:
        return self.name
