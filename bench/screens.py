"""The screens, page by page in turn: those of users beside many companies, of administrators with much configured.

The requests go through the whole WSGI application with the session of an administrator who has the licence:
middleware, session, rights, services, template.
"""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, override_settings
from django.utils import timezone

from bench import tables
from bench.api_addresses import EMPTY
from bench.connector import MemoryErp
from bench.figures import Figure
from bench.requests import Asking, p95
from bench.two_way import fanned_out
from brygga.contract import FieldMetadata, FieldType
from brygga.crm.models import Company, CrmList
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, LogEntry, Run

P95_LIMIT_MS = 100.0
DIALOGS = "/sync/connections/"
"""What stands below this address is shown in a dialog, and asked for by the page's script."""

Timed: TypeAlias = "Callable[[str], float]"


@dataclass(frozen=True)
class ScreenPlan:
    """How much there is: `companies` linked with three connections; `connections` with so many `fields` an actor type,
    and so many lines of the `log`. A round is so many calls of each page."""

    companies: int = 100_000
    connections: int = 50
    fields: int = 200
    log: int = 100_000
    calls: int = 40
    rounds: int = 3
    goals: bool = True


QUICK_SCREENS = ScreenPlan(companies=500, connections=3, fields=20, log=500, calls=5, rounds=1, goals=False)


class WideErp(MemoryErp):
    """An ERP whose customers have many fields, every tenth of which is a list."""

    def __init__(self, fields: int) -> None:
        super().__init__(0)
        self.fields = [_field(number) for number in range(fields)]


def _field(number: int) -> FieldMetadata:
    is_list = number % 10 == 0
    kind, list_name = (FieldType.LIST, "groups") if is_list else (FieldType.TEXT, "")
    return FieldMetadata(f"FIELD{number}", f"Field {number}", type=kind, list_name=list_name, rank=number)


def measure_screens(plan: ScreenPlan) -> Iterator[Figure]:
    """A figure for each page; a value is the 95th percentile of a round."""
    with fanned_out(plan.companies) as (_made, _others):
        yield from _measured(plan, _pages_of_users(plan), f"{plan.companies:,} companies")
    with _configured(plan) as connection_id:
        told = f"{plan.connections} connections of {plan.fields} fields, {plan.log:,} lines of the log"
        yield from _measured(plan, _pages_of_administrators(connection_id), told)


def _pages_of_users(plan: ScreenPlan) -> dict[str, str]:
    company = f"/companies/{Company.objects.order_by('id')[plan.companies // 2].pk}"
    return {
        "an empty view": EMPTY,
        "list of companies": "/companies",
        "list of companies, page 1,000": f"/companies?page={min(1_000, plan.companies // 50)}",
        "company": company,
        "company in edit mode": f"{company}/edit",
        "its ERP tab, before the ERPs have answered": f"{company}/erp",
        "its history": f"{company}/history",
    }


def _pages_of_administrators(connection_id: int) -> dict[str, str]:
    dialogs = f"{DIALOGS}{connection_id}"
    return {
        "Sync": f"/sync?connection={connection_id}",
        "mappings": f"{dialogs}/mappings",
        "list mapping": f"{dialogs}/list-mapping",
        "defaults": f"{dialogs}/defaults",
        "rank fields": f"{dialogs}/rank",
        "configure ERP connection": f"{dialogs}/configure",
        "log": "/sync/log",
        "log of a connection": f"/sync/log?connection={connection_id}",
        "runs": "/sync/runs",
        "plots": "/sync/runs/figures",
        "needs attention": "/attention",
        "users": "/settings/users",
        "a list": f"/settings/lists/{CrmList.objects.get(key='category').pk}",
    }


def _measured(plan: ScreenPlan, pages: dict[str, str], told: str) -> Iterator[Figure]:
    limit = P95_LIMIT_MS if plan.goals else None
    figures = {
        name: Figure(f"{name}, p95 of {plan.calls} calls, {told}", limit=None if address == EMPTY else limit)
        for name, address in pages.items()
    }
    with browser() as timed:
        for address in pages.values():
            timed(address)
        for _ in range(plan.rounds):
            gc.collect()
            for name, taken in _round(timed, pages, plan.calls).items():
                figures[name].values.append(p95(taken))
    yield from figures.values()


def _round(timed: Timed, pages: dict[str, str], calls: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(calls):
        for name, address in pages.items():
            taken[name].append(timed(address))
    return taken


@contextmanager
def _configured(plan: ScreenPlan) -> Iterator[int]:
    """Many connections with many fields, and a long log; gives the id of one of the connections."""
    with connectors.use("wide", erp := WideErp(plan.fields)):
        made = _connections(plan, erp)
        _load_log(plan, made)
        tables.settle()
        yield made[len(made) // 2].pk
        tables.empty()
        Connection.objects.filter(pk__in=[one.pk for one in made]).update(deleted=True, active=False)


def _connections(plan: ScreenPlan, erp: WideErp) -> list[Connection]:
    connector, _is_new = Connector.objects.get_or_create(name="Wide", url="plugin://wide")
    made = Connection.objects.bulk_create(
        Connection(connector=connector, names={"en": f"Company {n}"}, active=True, priority=100 + n)
        for n in range(plan.connections)
    )
    actors = ActorMapping.objects.bulk_create(
        ActorMapping(connection=one, actor_type="Customer", record_type="company", sync=True) for one in made
    )
    FieldMapping.objects.bulk_create(
        (_mapping(actor, field) for actor in actors for field in erp.fields), batch_size=2_000
    )
    return list(made)


def _mapping(actor: ActorMapping, field: FieldMetadata) -> FieldMapping:
    return FieldMapping(
        actor=actor,
        key=field.key,
        name=field.name,
        type=field.type,
        list_name=field.list_name,
        rank=field.rank,
        searchable=True,
        show_in_tab=field.rank % 5 == 0,
    )


def _load_log(plan: ScreenPlan, made: Sequence[Connection]) -> None:
    run = Run.objects.create(kind="sync", by="bench", state="done", ended_at=timezone.now())
    now = timezone.now()
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                at=now, run=run, connection=made[n % len(made)], actor_type="Customer", erp_key=str(n), record_id=n,
                record_type="company", erp_field="FIELD1", crm_field="NAME", target="crm", old="a", new="b", rule="crm",
            )
            for n in range(plan.log)
        ),
        batch_size=2_000,
    )  # fmt: skip


@contextmanager
def browser() -> Iterator[Timed]:
    """Asks for pages in the session of a new administrator, and gives milliseconds. Raises RuntimeError for another
    answer than a page."""
    user = create_user(f"bench-{secrets.token_hex(4)}", secrets.token_hex(16), administrator=True, licences=[ERP_SYNC])
    client = Client()
    client.force_login(user)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    with override_settings(ROOT_URLCONF="bench.api_addresses"):
        application = WSGIHandler()
        yield lambda address: _timed(application, address, cookie)
    client.logout()
    user.delete()


def _timed(application: WSGIHandler, address: str, cookie: str) -> float:
    by_script = {"HTTP_HX_REQUEST": "true"} if address.startswith(DIALOGS) else {}
    answer = Asking("GET", address, {"HTTP_COOKIE": cookie, **by_script}).timed(application)
    if answer.status != "200 OK" or bool(answer.body) == (address == EMPTY):
        raise RuntimeError(f"{address}: {answer.status} {answer.body[:500]!r}")
    return answer.milliseconds
