"""An order that a person chooses: as it came in a form, moved by one where a script has not done it.

The list itself is `web/components/ranking.html` with `js/ranking.js`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict


def order_in(data: QueryDict, ids: Sequence[str]) -> list[str]:
    """The order posted: first the ids that were named, then those that came meanwhile; what is gone is left out."""
    named = [id_ for id_ in dict.fromkeys(data.getlist("order")) if id_ in ids]
    order = named + [id_ for id_ in ids if id_ not in named]
    for button, by in (("up", -1), ("down", 1)):
        if (chosen := data.get(button)) in order:
            order = moved(order, chosen, by)
    return order


def is_move(data: QueryDict) -> bool:
    """Whether an arrow button posted the form, so that nothing is to be stored yet."""
    return "up" in data or "down" in data


def moved(order: Sequence[str], chosen: str, by: int) -> list[str]:
    """The order with one id moved by so many places, at most to an end."""
    place = order.index(chosen)
    others = [id_ for id_ in order if id_ != chosen]
    others.insert(max(0, place + by), chosen)
    return others
