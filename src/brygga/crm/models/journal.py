"""The change journal: which records users have changed (design decision "Change capture").

A sequence number or a time stamp would let a reader pass over a change whose transaction commits late. A mark can't
be passed over: it stands until the reader has dealt with the very version that it names.
"""

from __future__ import annotations

from django.db import models


class DirtyMark(models.Model):
    """A record that has changed since sync last looked, and the version that the change made."""

    record_type = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    version = models.BigIntegerField()

    class Meta:
        db_table = "crm_dirty_mark"
        constraints = (models.UniqueConstraint(fields=["record_type", "record_id"], name="crm_dirty_mark_once"),)

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} version {self.version}"
