"""Any number of links without an import: one customer is imported, and its rows are loaded again and again.

All customers are made after one sample, whose number stands in its texts: each has its own number there. The ERP makes
them by the same rule, when it is asked for them, so both sides agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import models, transaction

from bench import tables
from bench.connector import MemoryErp, customer
from bench.scene import Scene
from brygga.contract import ActorsResponse, ActorType, ErpActor
from brygga.crm.models import Company
from brygga.erp.models import ActorMapping, Connection, Link
from brygga.erp.services.importing import Selection, import_actors

_SAMPLE = customer(9_999_999)
_MARK = _SAMPLE.erp_key.removeprefix("K")
_BEFORE_FIRST = 1_000_000
"""Customers are numbered from here, so that every number has as many digits as the sample's and none is the same."""
_CHUNK = 20_000


class UniformErp(MemoryErp):
    """`count` customers who take no memory until they are asked for."""

    def __init__(self, count: int) -> None:
        super().__init__(count, kept=False)
        self._actors = _OnDemand()

    def spread(self, count: int) -> list[str]:
        """The keys of `count` customers, spread over all of them; other ones the next time."""
        step = max(1, self.count // count)
        numbers = range(1 + self._turns % step, self.count + 1, step)[:count]
        self._turns += 1
        return [f"K{_digits(number)}" for number in numbers]

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        return ActorsResponse(actors=[self._actors[key] for key in erp_keys])

    def _since(self, stamp: int) -> Iterable[ErpActor]:
        """Those that have changed: the others were there before the position that `load` sets."""
        return super()._since(stamp) if self._by_stamp else ()


class _OnDemand(dict[str, ErpActor]):
    def __missing__(self, key: str) -> ErpActor:
        digits = key.removeprefix("K")
        fields = {name: text.replace(_MARK, digits) for name, text in _SAMPLE.fields.items()}
        stamp = str(int(digits) - _BEFORE_FIRST)
        return self.setdefault(key, ErpActor(ActorType.CUSTOMER, key, stamp, fields=fields))


def load(made: Scene, others: Sequence[Connection] = ()) -> None:
    """Link every customer of a scene's `UniformErp` with a company, and the same companies with other connections."""
    import_actors(made.connection, "Customer", Selection(keys=[_SAMPLE.erp_key]), by="bench")
    company, link = _Copier(Company, "id"), _Copier(Link, "id", "record_id", "erp_stamp")
    made.clear()
    numbers = range(1, made.erp.count + 1)
    with transaction.atomic():
        _load(Company, (company.copy(number, number) for number in numbers))
        for place, connection in enumerate([made.connection, *others]):
            link.set("connection_id", connection.pk)
            given = place * made.erp.count
            _load(Link, (link.copy(number, given + number, number, str(number)) for number in numbers))
        ActorMapping.objects.update(position=str(made.erp.count))
    tables.settle()


class _Copier:
    """Makes rows like the only one of a table, with a customer's number in the texts and some columns of their own."""

    def __init__(self, model: type[models.Model], *own: str) -> None:
        columns = tables.columns_of(model)
        (row,) = tables.select(model, "")
        self._places = {name: place for place, name in enumerate(columns)}
        self._row = list(row)
        self._own = [self._places[name] for name in own]
        self._marked = [(place, text) for place, text in enumerate(row) if isinstance(text, str) and _MARK in text]

    def set(self, column: str, value: Any) -> None:
        """Give a column the same value in all rows to come."""
        self._row[self._places[column]] = value

    def copy(self, number: int, *own: Any) -> tuple[Any, ...]:
        """The row of a customer; `own` are the values of the columns of their own."""
        row, digits = self._row.copy(), _digits(number)
        for place, text in self._marked:
            row[place] = text.replace(_MARK, digits)
        for place, value in zip(self._own, own, strict=True):
            row[place] = value
        return tuple(row)


def _load(model: type[models.Model], rows: Iterator[tuple[Any, ...]]) -> None:
    while chunk := list(islice(rows, _CHUNK)):
        tables.load(model, chunk)


def _digits(number: int) -> str:
    return str(_BEFORE_FIRST + number)
