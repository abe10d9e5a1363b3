"""What other rooms can be told of, within the transaction in which it happens.

What a receiver raises undoes what it is told of.
"""

from __future__ import annotations

from django.dispatch import Signal

companies_merged = Signal()
"""Two companies have become one; with `keep_id`, `drop_id` and `by`."""

list_item_replaced = Signal()
"""A list item is deleted and another one takes its place; with `item_id`, `replacement_id` and `by`."""

group_deleted = Signal()
"""A group of users is deleted; with `group_id` and `by`."""
