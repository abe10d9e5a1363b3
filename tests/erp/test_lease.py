"""Leases: held by one, kept alive while a call lasts, free at once when their holder is dead on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp

from brygga.erp.engine import lease as leases
from brygga.erp.engine.lease import HeldLease, LeaseLost
from brygga.erp.engine.owners import is_dead, new_owner
from brygga.erp.engine.run import leased
from brygga.erp.models import Connection, Lease

SOON = timedelta(seconds=60)
SAY_OWNER = "from brygga.erp.engine.owners import new_owner; print(new_owner(), flush=True); input()"


@contextmanager
def other_process() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A process on this machine, and the owner that it would write into its leases."""
    with subprocess.Popen(
        [sys.executable, "-c", SAY_OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def held_by(owner: str, expires_in: timedelta = SOON) -> None:
    Lease.objects.create(name="work", owner=owner, expires_at=timezone.now() + expires_in)


def take(clock: Callable[[], datetime] = timezone.now) -> bool:
    return HeldLease("work", clock).take()


def altered(owner: str, place: int, value: str) -> str:
    """An owner with one of its parts (machine, process, start, unique) put another way."""
    parts = owner.split(":")
    parts[place] = value
    return ":".join(parts)


def eventually(is_true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_true()


@pytest.mark.django_db
def test_a_live_process_is_respected_and_a_killed_one_is_not() -> None:
    with other_process() as (owner, process):
        held_by(owner)
        assert not take()
        process.kill()
        assert eventually(lambda: is_dead(owner)), "it has ended, though nobody has waited for it yet"
        assert take()
        process.wait()
    Lease.objects.all().delete()
    held_by(owner)
    assert is_dead(owner)
    assert take()


@pytest.mark.django_db
def test_of_two_who_find_a_dead_owner_one_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = altered(new_owner(), 2, "1")
    held_by(dead)

    def meanwhile(owner: str) -> bool:
        Lease.objects.update(owner="another engine")
        return is_dead(owner)

    monkeypatch.setattr(leases, "is_dead", meanwhile)
    assert not take()
    assert Lease.objects.get().owner == "another engine"


@pytest.mark.django_db
@pytest.mark.parametrize("owner", ["0123456789abcdef:4194304:1:x", ":::x", "x", "", "::::::"])
def test_an_owner_elsewhere_is_respected_until_the_lease_runs_out(owner: str) -> None:
    held_by(owner)
    assert not is_dead(owner)
    assert not take()
    assert take(lambda: timezone.now() + SOON)


def test_a_number_given_to_another_process_does_not_bring_the_old_one_back() -> None:
    mine = new_owner()
    assert not is_dead(mine)
    assert is_dead(altered(mine, 2, "1"))
    assert not is_dead(altered(mine, 0, "0123456789abcdef"))
    assert not is_dead(altered(mine, 1, "-1"))
    assert len(mine) <= Lease._meta.get_field("owner").max_length
    assert new_owner() != mine


def test_another_users_process_is_alive_even_if_it_cannot_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, number: int) -> None:
        raise PermissionError

    mine = new_owner()
    monkeypatch.setattr(os, "kill", forbidden)
    assert not is_dead(mine)
    assert not is_dead(altered(mine, 1, "4194305")), "no such process is shown, which says nothing"


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_kept_alive_as_long_as_the_work_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LENGTH", timedelta(seconds=0.4))
    lease = HeldLease("work", timezone.now)
    assert lease.take()
    with lease.kept_alive():
        first = Lease.objects.get().expires_at
        assert eventually(lambda: Lease.objects.get().expires_at > first + timedelta(seconds=0.4))
        assert not take()
    ended = Lease.objects.get().expires_at
    time.sleep(0.3)
    assert Lease.objects.get().expires_at == ended


@pytest.mark.django_db(transaction=True)
def test_who_has_lost_the_lease_learns_it_at_the_next_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LENGTH", timedelta(seconds=0.2))
    lease = HeldLease("work", timezone.now)
    assert lease.take()
    with lease.kept_alive():
        Lease.objects.update(owner="another engine", expires_at=timezone.now() + SOON)
        time.sleep(0.3)
        with pytest.raises(LeaseLost):
            lease.renew()
    assert Lease.objects.get().owner == "another engine"


@pytest.mark.django_db(transaction=True)
def test_a_renewal_that_the_database_refuses_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LENGTH", timedelta(seconds=0.2))
    lease, renew, tries = HeldLease("work", timezone.now), HeldLease.renew, []

    def locked_at_first(self: HeldLease) -> None:
        tries.append(database.connection)
        if len(tries) == 1:
            raise OperationalError("database is locked")
        renew(self)

    assert lease.take()
    before = Lease.objects.get().expires_at
    monkeypatch.setattr(HeldLease, "renew", locked_at_first)
    with lease.kept_alive():
        assert eventually(lambda: Lease.objects.get().expires_at > before)
    assert tries[:2] == [None, None], "each renewal opens its own connection to the database and closes it"


@pytest.mark.django_db
def test_only_the_real_clock_keeps_a_lease_alive(
    connection: Connection, erp: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []

    @contextmanager
    def kept_alive(self: HeldLease) -> Iterator[None]:
        kept.append("begin")
        yield
        kept.append("end")

    monkeypatch.setattr(HeldLease, "kept_alive", kept_alive)
    with leased(connection, lambda: timezone.now()):
        assert kept == []
    with leased(connection, timezone.now) as lease:
        assert lease is not None
        assert kept == ["begin"]
        with leased(connection, timezone.now) as second:
            assert second is None
        assert kept == ["begin"]
    assert kept == ["begin", "end"]
    assert not Lease.objects.exists()
