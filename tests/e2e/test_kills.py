"""Brygga killed at random moments while it imports, syncs, serves and creates: what it promises holds all the same.

Everything is real: the commands as processes, SIGKILL, the database, an ERP behind SOAP in a process that lives on.
KILLS_SEED=N runs other moments and edits than those of every run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from tests.e2e.kill_promises import BOTH, CRM_FIELD, Office, broken
from tests.e2e.killing import KILLED, Brygga, Moment, editor_process, erp_process, finally_killed, kill

from brygga.cli.output import DONE

SEED = int(os.environ.get("KILLS_SEED", "1"))
CUSTOMERS = 4500
KILLS = 6
"""In each phase."""
TRIES = 4 * KILLS
"""Some moments come after the command has done its work."""
POOL = range(1, 37)
"""The customers that are edited: few, so that edits meet."""
CONFIGURATION = """
sync: {{interval: 1}}
connectors:
  - {{name: Slow, url: "{url}?ConnectorName=slow"}}
connections:
  - name: Slow
    connector: Slow
    active: true
    scope: everyone
    conflict: priority
    actors:
      Customer:
        sync: true
        fields:
          NAME: {{crm: NAME, direction: both}}
          CITY: {{crm: POSTALCITY, direction: both}}
          PHONE: {{crm: PHONE, direction: to_erp}}
          CODE: {{crm: NUMBER1, direction: to_crm}}
"""


@pytest.fixture
def database_url() -> Iterator[str | None]:
    """A database of its own for what is killed; None means SQLite in its data directory."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield None
        return
    name = f"kills_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def office(tmp_path: Path, database_url: str | None) -> Iterator[Office]:
    """An installation that is configured and empty, an ERP with customers, and a person at the CRM."""
    brygga = Brygga(tmp_path, database_url)
    with ExitStack() as stack:
        erp = stack.enter_context(erp_process(tmp_path / "erp", CUSTOMERS))
        configuration = tmp_path / "brygga.yaml"
        configuration.write_text(CONFIGURATION.format(url=erp.url), encoding="utf-8")
        brygga.run("migrate")
        brygga.run("config", "apply", str(configuration))
        yield Office(brygga, erp, stack.enter_context(editor_process(brygga)))


def test_promises_hold_wherever_it_is_killed(office: Office) -> None:
    random = Random(SEED)
    import_killed(office, random)
    sync_killed(office, random)
    serve_killed(office, random)
    create_killed(office, random)
    for _ in range(2):
        office.brygga.run("sync")
    written = office.erp.state()["written"]
    report = office.brygga.read("sync")["connections"][0]
    assert [report[count] for count in ("to_crm", "to_erp", "created", "conflicts", "failed")] == [0] * 5
    assert office.erp.state()["written"] == written
    assert broken(office) == []


def import_killed(office: Office, random: Random) -> None:
    """A first load that takes many starts; the one that is let alone brings what is missing."""
    command = ("import", "Slow", "Customer", "--all")
    ends = [office.brygga.run_and_kill(office.erp, Moment(1, random.uniform(0, 2)), *command) for _ in range(KILLS)]
    assert KILLED in ends
    assert set(ends) <= {DONE, KILLED}, office.brygga.said()
    office.brygga.run(*command)
    office.learn_links()
    assert sorted(office.ids, key=int) == [str(number) for number in range(1, CUSTOMERS + 1)]


def sync_killed(office: Office, random: Random) -> None:
    """Syncs with work on both sides, conflicts among it, and more of it coming in."""
    ends: list[int] = []
    while ends.count(KILLED) < KILLS:
        edit_in_peace(office, random)
        moment = Moment(random.randint(1, 3), random.uniform(0, 0.1))
        ends.append(
            office.brygga.run_and_kill(office.erp, moment, "sync", meanwhile=lambda: edit_meanwhile(office, random))
        )
        assert ends[-1] in (DONE, KILLED), office.brygga.said()
        assert len(ends) < TRIES


def serve_killed(office: Office, random: Random) -> None:
    """The server with automatic sync, while people work on both sides."""
    for _ in range(KILLS):
        edit_in_peace(office, random)
        before = office.erp.calls()
        with finally_killed(office.brygga.start("serve", "--port", "0")) as server:
            office.erp.wait_for_calls(before + random.randint(1, 6))
            for _ in range(random.randint(0, 4)):
                edit_meanwhile(office, random)
            assert server.poll() is None, office.brygga.said()
            kill(server)
        office.erp.finish_calls()


def create_killed(office: Office, random: Random) -> None:
    """Customers made of companies; who is not answered tries again until there is one."""
    ends: list[int] = []
    while ends.count(KILLED) < KILLS:
        company = office.create(NAME=f"newcomer {len(ends)}", POSTALCITY=f"place {len(ends)}")
        command = ("link", "create", "Slow", "company", str(company), "Customer")
        while True:
            ends.append(
                office.brygga.run_and_kill(office.erp, Moment(random.randint(1, 2), random.uniform(0, 0.12)), *command)
            )
            if ends[-1] != KILLED:
                break
        assert ends[-1] == DONE or "linked with Slow already" in office.brygga.said()
        assert len(ends) < TRIES


def edit_in_peace(office: Office, random: Random) -> None:
    """Edits on both sides while nothing runs, also of the same fields."""
    chosen = [number for number in POOL if number % 3 == 2]
    for _ in range(6):
        office.edit_crm(random.choice(chosen), random.choice((*BOTH, "PHONE")))
        office.edit_erp(random.choice(chosen), random.choice(tuple(CRM_FIELD)))


def edit_meanwhile(office: Office, random: Random) -> None:
    """Edits during a run. The two sides edit other customers: see docs/promises.md for what cannot be promised."""
    by_crm, by_erp = ([number for number in POOL if number % 3 == rest] for rest in (0, 1))
    for _ in range(2):
        office.edit_crm(random.choice(by_crm), random.choice((*BOTH, "PHONE")))
        office.edit_erp(random.choice(by_erp), random.choice((*BOTH, "CODE")))
