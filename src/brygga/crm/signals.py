"""What other rooms can be told of, within the transaction in which it happens."""

from __future__ import annotations

from django.dispatch import Signal

companies_merged = Signal()
"""Two companies have become one; with `keep_id`, `drop_id` and `by`. What raises here undoes the merge."""
