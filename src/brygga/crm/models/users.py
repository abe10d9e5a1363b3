"""Users, their groups and their licences (behaviour C3)."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

ERP_SYNC = "erp-sync"
"""The licence that shows a user the ERP tab (behaviour U1)."""

LICENCES = {ERP_SYNC: _("ERP sync")}
"""The licences that a user can have, by key."""


class UserGroup(models.Model):
    """A group of users. `rank` orders groups on screen."""

    name = models.CharField(_("Name"), max_length=100)
    rank = models.IntegerField(default=0)
    deleted = models.BooleanField(default=False)

    class Meta:
        ordering = ("rank", "name", "id")
        constraints = (
            models.UniqueConstraint(fields=["name"], condition=models.Q(deleted=False), name="crm_group_name_once"),
        )

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A user: one primary group, any number of others, a language code, and licences as keys of `LICENCES`."""

    language = models.CharField(_("Language"), max_length=10, default="en")
    primary_group = models.ForeignKey(
        UserGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="primary_users"
    )
    other_groups = models.ManyToManyField(UserGroup, blank=True, related_name="other_users")
    licences = models.JSONField(default=list, blank=True)

    @property
    def is_administrator(self) -> bool:
        """Whether the user may open Settings and maintenance (behaviour C4)."""
        return self.is_staff

    @property
    def name(self) -> str:
        """The full name, or the log-in name where there is none."""
        return self.get_full_name() or self.username

    def has_licence(self, licence: str) -> bool:
        """Whether the user has a licence, by key."""
        return licence in self.licences

    def group_ids(self) -> set[int]:
        """The ids of all the user's groups, the primary one included."""
        ids = set(self.other_groups.values_list("id", flat=True))
        return ids if self.primary_group_id is None else ids | {self.primary_group_id}


class ApiToken(models.Model):
    """A key to the agent API in a user's name. The key itself is shown once; `digest` is its SHA-256 in hexadecimal."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name
