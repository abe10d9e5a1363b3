"""First-time linking: what is linked on neither side, and who goes with whom (behaviour G5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from brygga.erp.models.jobs import Job
from brygga.erp.models.mappings import ActorMapping


class Matching(models.Model):
    """The latest comparison of the unlinked records of an actor type with its unlinked actors.

    `job` is the one that compares or that makes a plan of what was chosen; `compared_at` is null as long as there is
    no whole result.
    """

    actor = models.OneToOneField(ActorMapping, on_delete=models.CASCADE, related_name="matching")
    by = models.CharField(max_length=200, blank=True, default="")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    compared_at = models.DateTimeField(null=True)


class MatchEntry(models.Model):
    """An unlinked record (`record_id`) or an unlinked actor (`erp_key`), and what identified it when it was compared.

    `texts` are by CRM field key. One that is `keyless` has nothing that it could be found by, or is a contact of a
    company that is not linked.
    """

    matching = models.ForeignKey(Matching, on_delete=models.CASCADE, related_name="entries")
    record_id = models.BigIntegerField(null=True)
    erp_key = models.CharField(max_length=200, blank=True, default="")
    texts = models.JSONField(default=dict)
    keyless = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matching", "record_id"], condition=Q(record_id__isnull=False), name="match_record_once"
            ),
            models.UniqueConstraint(fields=["matching", "erp_key"], condition=~Q(erp_key=""), name="match_actor_once"),
        ]


class MatchKey(models.Model):
    """A key under which an actor is found while records are compared; gone when that is done."""

    entry = models.ForeignKey(MatchEntry, on_delete=models.CASCADE, related_name="keys")
    matching = models.ForeignKey(Matching, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["matching", "key"], name="match_key")]


class MatchPair(models.Model):
    """A record and an actor that may be the same; `score` is 0 to 1, `reasons` why, the strongest first.

    `clear` says that neither of them has another that is nearly as like. A record and an actor are `chosen` once.
    """

    matching = models.ForeignKey(Matching, on_delete=models.CASCADE, related_name="pairs")
    record = models.ForeignKey(MatchEntry, on_delete=models.CASCADE, related_name="actors")
    actor = models.ForeignKey(MatchEntry, on_delete=models.CASCADE, related_name="records")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    clear = models.BooleanField(default=False)
    chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=Q(chosen=True), name="match_chosen_record_once"),
            models.UniqueConstraint(fields=["actor"], condition=Q(chosen=True), name="match_chosen_actor_once"),
        ]
        indexes = [models.Index(fields=["matching", "clear", "score"], name="match_pair_score")]
