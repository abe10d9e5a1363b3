"""An ERP as a process of its own: customers behind SOAP, slow, with a record of all that was written and created.

`python kill_erp.py FOLDER CUSTOMERS` serves on loopback and prints the URL. People edit and look at it at /people,
in JSON; each call leaves a line in FOLDER/calls as it comes in, so that who watches the file can tell the moment.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import waitress  # type: ignore[import-untyped]
from cryptography.fernet import Fernet

from brygga.contract import (
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    Connector,
    ErpActor,
    FieldMetadata,
    FieldsResponse,
    ItemsResponse,
    Response,
    stamps,
)
from brygga.soap.host import PATH, application
from brygga.soap.store import ConnectionStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

FIELDS = ("NAME", "CITY", "PHONE", "CODE")
PEOPLE = "/people"
PER_CALL = 0.02
"""Seconds that any call takes at each end, before it begins and before it answers."""
PER_PAGE = 0.02
"""Seconds for every hundred customers that are read."""
PER_WRITE = 0.004


class SlowErp(Connector):
    """Customers 1, 2, 3 …; `written` holds (key, field, old, new) of each field that Brygga changed."""

    title = "Slow ERP"

    def __init__(self, calls: Path, customers: int) -> None:
        self._calls = calls.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()
        self._stamp = 0
        self.customers: dict[str, ErpActor] = {}
        self.written: list[tuple[str, str, str, str]] = []
        self.created: list[str] = []
        self.at_work = 0
        for number in range(1, customers + 1):
            self._add({"NAME": f"customer {number}", "CITY": f"city {number}", "CODE": f"C{number}"})

    # People at the ERP

    def edit(self, edits: Iterable[tuple[str, str, str]]) -> None:
        """Somebody changes fields: (key, field, value)."""
        with self._lock:
            for key, field, value in edits:
                self._change(key, {field: value})

    def state(self) -> dict[str, Any]:
        """All there is to know."""
        with self._lock:
            customers = {key: customer.fields for key, customer in self.customers.items()}
            return {"customers": customers, "written": self.written, "created": self.created}

    # The contract

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response()

    def save_connection(self, info: ConnectionInfo) -> Response:
        return Response()

    def test_connection(self, guid: str) -> Response:
        return Response()

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return ItemsResponse(items=[str(ActorType.CUSTOMER)])

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        return FieldsResponse(fields=[FieldMetadata(key) for key in FIELDS])

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        return ItemsResponse(items=["NAME"])

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        with self._call("get_actors"), self._lock:
            return ActorsResponse(actors=[self.customers[key] for key in erp_keys if key in self.customers])

    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        with self._call("get_actors_by_timestamp"), self._lock:
            customers = list(self.customers.values())
        return ActorsResponse(
            actors=_slowly([c for c in customers if not stamps.newer(updated_on_or_after, c.last_modified)])
        )

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        with self._call("save_actors"):
            return ActorsResponse(actors=[self._save(actor) for actor in actors])

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        with self._call("create_actor"), self._lock:
            made = self._add(actor.fields)
            self.created.append(made.erp_key)
            return ActorResponse(actor=made)

    # Inside

    @contextmanager
    def _call(self, operation: str) -> Iterator[None]:
        with self._lock:
            self.at_work += 1
        self._calls.write(f"{operation}\n")
        try:
            time.sleep(PER_CALL)
            yield
            time.sleep(PER_CALL)
        finally:
            with self._lock:
                self.at_work -= 1

    def _save(self, actor: ErpActor) -> ErpActor:
        time.sleep(PER_WRITE)
        with self._lock:
            standing = self.customers[actor.erp_key].fields
            changed = [(field, value) for field, value in actor.fields.items() if standing[field] != value]
            self.written += [(actor.erp_key, field, standing[field], value) for field, value in changed]
            return self._change(actor.erp_key, actor.fields)

    def _change(self, key: str, fields: dict[str, str]) -> ErpActor:
        self._stamp += 1
        old = self.customers[key]
        self.customers[key] = replace(old, last_modified=str(self._stamp), fields={**old.fields, **fields})
        return self.customers[key]

    def _add(self, fields: dict[str, str]) -> ErpActor:
        key = str(len(self.customers) + 1)
        self.customers[key] = ErpActor(ActorType.CUSTOMER, key, fields=dict.fromkeys(FIELDS, ""))
        return self._change(key, fields)


def _slowly(actors: Sequence[ErpActor]) -> Iterator[ErpActor]:
    for number, actor in enumerate(actors):
        if number % 100 == 99:
            time.sleep(PER_PAGE)
        yield actor


def with_people(erp: SlowErp, connectors: WSGIApplication) -> WSGIApplication:
    """The connector's host, and the people who work in the ERP: POST edits, GET the state, ?busy for calls at work."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PEOPLE:
            return connectors(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            erp.edit(json.loads(environ["wsgi.input"].read()))
        body = json.dumps(erp.at_work if environ["QUERY_STRING"] == "busy" else erp.state()).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def main(folder: Path, customers: int) -> None:
    """Serve until stdin ends: nobody is left then."""
    erp = SlowErp(folder / "calls", customers)
    store = ConnectionStore(folder / "host.sqlite3", [Fernet.generate_key().decode()])
    served = with_people(erp, application({"slow": erp}, store))
    server = waitress.create_server(served, host="127.0.0.1", port=0, threads=8)
    print(f"http://127.0.0.1:{server.effective_port}{PATH}", flush=True)
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
