"""Heads of columns by which a table is sorted: the address has the order as `sort=KEY` or `sort=-KEY`."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: how the table is sorted by it now, and would be after a click; "" for not at all."""

    label: str
    sorted: str = ""
    next_sort: str = ""


def asked_order(request: HttpRequest, known: Container[str], otherwise: str) -> str:
    """The order that the address asks for; `otherwise` where it asks for none or for nonsense."""
    order = request.GET.get("sort", "")
    return order if order in known else otherwise


def heads(columns: Sequence[tuple[Any, str]], order: str) -> list[Head]:
    """A head for each (label, key) of a table in this order; an empty key can't be sorted by."""
    return [_head(str(label), key, order) for label, key in columns]


def _head(label: str, key: str, order: str) -> Head:
    if not key:
        return Head(label)
    now = {key: "ascending", f"-{key}": "descending"}.get(order, "")
    return Head(label, now, f"-{key}" if now == "ascending" else key)
