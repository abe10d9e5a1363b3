"""Changes and failures over time as tables, from which the plots are drawn (behaviour A15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brygga.erp.services.figures import Figure, connection_names, figures

_NAMED = 5
"""Connections that have a line of their own; the others share one."""


class Span(StrEnum):
    """How far back to look; a day is cut into hours, more into days."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


SPANS: Mapping[Span, Any] = {
    Span.DAY: gettext_lazy("24 hours"),
    Span.WEEK: gettext_lazy("7 days"),
    Span.MONTH: gettext_lazy("30 days"),
    Span.QUARTER: gettext_lazy("90 days"),
}
_DAYS = {Span.WEEK: 7, Span.MONTH: 30, Span.QUARTER: 90}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, plain for the plot and as it is read, with the name of its column."""

    label: str
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A table with a row per step of time and a column per connection; `said` tells its sum in a sentence."""

    key: str
    title: str
    said: str
    total: int
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


def plots(span: Span) -> list[Plot]:
    """Changes and failures up to now, in the reader's time zone."""
    edges = _edges(span, timezone.localtime())
    found = figures(edges)
    names, labels = connection_names(found), [_label(span, edge) for edge in edges[:-1]]
    changes = {(f.step, f.connection_id): f.changes for f in found}
    failures = {(f.step, f.connection_id): f.failures for f in found}
    per = str(SPANS[span])
    return [
        _plot("changes", _("Changes, %(span)s") % {"span": per}, changes, found, names, labels),
        _plot("failures", _("Failures, %(span)s") % {"span": per}, failures, found, names, labels),
    ]


def _edges(span: Span, now: datetime) -> list[datetime]:
    """The beginnings of the steps, and the end of the last one; days are those of the calendar."""
    if span is Span.DAY:
        end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return [end - timedelta(hours=24 - n) for n in range(25)]
    last = now.date() + timedelta(days=1)
    days = [last - timedelta(days=_DAYS[span] - n) for n in range(_DAYS[span] + 1)]
    return [timezone.make_aware(datetime.combine(day, time())) for day in days]


def _label(span: Span, edge: datetime) -> str:
    local = timezone.localtime(edge)
    if span is Span.DAY:
        return local.strftime("%H:%M")
    english = (get_language() or "en").startswith("en")
    return date_format(local, "j M" if english else "d.m.")


def _plot(
    key: str,
    title: str,
    counts: Mapping[tuple[int, int | None], int],
    found: Sequence[Figure],
    names: Mapping[int, str],
    labels: Sequence[str],
) -> Plot:
    sums: dict[int | None, int] = defaultdict(int)
    for figure in found:
        sums[figure.connection_id] += counts[figure.step, figure.connection_id]
    ranked = sorted((id_ for id_ in sums if sums[id_]), key=lambda id_: (id_ not in names, -sums[id_]))
    named = [id_ for id_ in ranked if id_ in names][:_NAMED]
    others = ranked[len(named) :]
    columns = [names[id_] for id_ in named if id_ is not None] + ([_("Others")] if others else [])
    rows = []
    for step, label in enumerate(labels):
        values = [counts.get((step, id_), 0) for id_ in named]
        values += [sum(counts.get((step, id_), 0) for id_ in others)] if others else []
        rows.append((label, [_cell(column, value) for column, value in zip(columns, values, strict=True)]))
    total = sum(sums.values())
    said = f"{title}: {number_format(total, force_grouping=True)}"
    return Plot(key, title, said, total, columns, rows)


def _cell(column: str, value: int) -> Cell:
    return Cell(column, value, number_format(value, force_grouping=True))
