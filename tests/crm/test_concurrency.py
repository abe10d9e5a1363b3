"""Threads that save, sync and forget at the same time: nothing is overwritten unseen, no mark is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction

from brygga.crm.errors import StaleRecord
from brygga.crm.fields import RecordType
from brygga.crm.models import DirtyMark
from brygga.crm.services.records import RecordView, get_record, save_record
from brygga.crm.side import Change, EmbeddedCrm, Mark, NewRecord

pytestmark = pytest.mark.django_db(transaction=True)

COMPANY = RecordType.COMPANY
T = TypeVar("T")


def at_once(calls: Iterable[Callable[[], T]]) -> list[T | Exception]:
    """Run the calls in threads that start together; answers or errors in their order."""
    calls = list(calls)
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> Any:
        barrier.wait(10)
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_several_savers_one_wins(company: RecordView) -> None:
    def saver(number: int) -> Callable[[], RecordView]:
        return lambda: save_record(COMPANY, company.id, 1, {"PHONE": str(number)}, f"user {number}")

    answers = at_once(saver(number) for number in range(6))
    (winner,) = (answer for answer in answers if isinstance(answer, RecordView))
    assert sum(isinstance(answer, StaleRecord) for answer in answers) == 5
    assert get_record(COMPANY, company.id) == winner
    assert winner.version == 2


def test_a_user_and_sync_do_not_overwrite_each_other(company: RecordView, crm: EmbeddedCrm) -> None:
    def sync() -> set[int]:
        with transaction.atomic():
            return crm.write(COMPANY, [Change(company.id, 1, {"PHONE": "sync"})], "sync")

    saved, refused = at_once([lambda: save_record(COMPANY, company.id, 1, {"PHONE": "user"}, "bo"), sync])
    user_won = isinstance(saved, RecordView)
    assert user_won or isinstance(saved, StaleRecord)
    assert refused == ({company.id} if user_won else set())
    assert get_record(COMPANY, company.id).fields["PHONE"] == ("user" if user_won else "sync")


def test_a_save_during_forgetting_keeps_its_mark(company: RecordView, crm: EmbeddedCrm) -> None:
    for version in range(1, 9):
        seen = [Mark(COMPANY, company.id, version)]
        assert crm.changed(10) == seen
        at_once(
            [
                lambda seen=seen: crm.forget(seen),
                lambda version=version: save_record(COMPANY, company.id, version, {"PHONE": str(version)}, "bo"),
            ]
        )
        assert crm.changed(10) == [Mark(COMPANY, company.id, version + 1)]
    assert DirtyMark.objects.count() == 1


def test_creators_get_ids_of_their_own(crm: EmbeddedCrm) -> None:
    def create() -> list[int]:
        with transaction.atomic():
            return crm.create(COMPANY, [NewRecord({"NAME": f"n{i}"}) for i in range(60)], "import")

    answers = at_once([create] * 4)
    ids = [record_id for answer in answers if isinstance(answer, list) for record_id in answer]
    assert len(set(ids)) == len(ids) == 240
