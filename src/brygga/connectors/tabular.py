"""The base of the connectors that keep actors in tables: the operations of the contract on rows and columns."""

from __future__ import annotations

import contextlib
import functools
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, TypeVar

from brygga.connectors import files, snapshot
from brygga.connectors.changes import ChangeMaker
from brygga.connectors.errors import ChangedMeanwhile, SourceError
from brygga.connectors.sheets import list_items
from brygga.connectors.snapshot import ActorSheet, Snapshot
from brygga.connectors.source import Change, Source
from brygga.connectors.state import StateStore, Stored
from brygga.connectors.texts import english, joined, text
from brygga.contract import search, stamps
from brygga.contract.actors import Access, ActorType, ConnectionInfo, ErpActor, FieldMetadata, SearchRestriction
from brygga.contract.connector import Connector
from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    ErrorCode,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
    State,
)

_log = logging.getLogger(__name__)
_SNAPSHOTS_KEPT = 8
_ATTEMPTS = 5

F = TypeVar("F", bound=Callable[..., Any])


def _answers(kind: type[Response]) -> Callable[[F], F]:
    """Makes an operation answer with a failure of this class instead of raising."""

    def decorate(operation: F) -> F:
        @functools.wraps(operation)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return operation(*args, **kwargs)
            except SourceError as error:
                return kind.failure(error.user, error.tech, error.code)
            except search.SearchError as error:
                return kind.failure(text("bad_search", reason=str(error)), str(error), error.code)
            except (sqlite3.Error, OSError) as error:
                _log.exception("%s failed", operation.__name__)
                return kind.failure(text("data_directory"), repr(error))

        return guarded  # type: ignore[return-value]

    return decorate


class TabularConnector(Connector):
    """A connector on tables. A format adds its `source_class` and the one configuration field, its path."""

    config_key: ClassVar[str]
    config_label: ClassVar[str]
    config_help: ClassVar[str]
    source_class: ClassVar[type[Source]]

    def __init__(self) -> None:
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._guard = Lock()

    # Connections

    def get_config_data(self) -> FieldsResponse:
        path = FieldMetadata(self.config_key, self.config_label, self.config_help, access=Access.MANDATORY, rank=1)
        return FieldsResponse(fields=[path])

    @_answers(Response)
    def test_config_data(self, info: ConnectionInfo) -> Response:
        return self._tested(self._source(info.values))

    @_answers(Response)
    def save_connection(self, info: ConnectionInfo) -> Response:
        if not info.guid:
            raise SourceError(text("no_guid"))
        self._source(info.values)
        self._store.save(info.guid, info.values)
        return Response()

    @_answers(Response)
    def test_connection(self, guid: str) -> Response:
        return self._tested(self._source(self._stored(guid).values))

    @_answers(Response)
    def delete_connection(self, guid: str) -> Response:
        self._stored(guid)
        self._store.delete(guid)
        with self._guard:
            self._snapshots.pop(guid, None)
        return Response()

    def _tested(self, source: Source) -> Response:
        with self._locked(source):
            tables = source.read().book.actor_tables()
        if not tables:
            names = ", ".join(kind for kind in ActorType if kind is not ActorType.UNKNOWN)
            raise SourceError(text("no_actor_table", name=source.path.name, types=names))
        lacking = [table.name for table in tables.values() if table.column("id") is None]
        if lacking:
            raise SourceError(text("no_id_column", name=source.path.name, tables=", ".join(lacking)))
        found = ", ".join(f"{table.name} ({len(table.rows)})" for table in tables.values())
        return Response(user_explanation=text("found", tables=found))

    # Fields

    @_answers(ItemsResponse)
    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return ItemsResponse(items=[str(kind) for kind in self._snapshot(guid).sheets])

    @_answers(FieldsResponse)
    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        fields = [field.metadata for field in self._sheet(guid, actor_type).fields.values()]
        return FieldsResponse(fields=sorted(fields, key=lambda metadata: metadata.rank))

    @_answers(ItemsResponse)
    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        fields = self._sheet(guid, actor_type).fields
        return ItemsResponse(items=[key for key, field in fields.items() if field.searchable])

    # Reading actors

    @_answers(ActorsResponse)
    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        sheet = self._sheet(guid, actor_type)
        return _answer(sheet, sheet.actors(dict.fromkeys(erp_keys), field_keys), field_keys)

    @_answers(ActorsResponse)
    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        return self._found(guid, actor_type, field_keys, lambda actor: search.matches_text(actor, search_text))

    @_answers(ActorsResponse)
    def search_actor_by_parent(
        self,
        guid: str,
        actor_type: ActorType,
        search_text: str,
        parent_type: ActorType,
        parent_key: str,
        field_keys: Sequence[str],
    ) -> ActorsResponse:
        parent = (parent_type, parent_key)
        return self._found(
            guid,
            actor_type,
            field_keys,
            lambda actor: (actor.parent_type, actor.parent_key) == parent and search.matches_text(actor, search_text),
        )

    @_answers(ActorsResponse)
    def search_actors_advanced(
        self, guid: str, actor_type: ActorType, restrictions: Sequence[SearchRestriction], field_keys: Sequence[str]
    ) -> ActorsResponse:
        types = {key: field.type for key, field in self._sheet(guid, actor_type).fields.items() if field.searchable}
        return self._found(guid, actor_type, field_keys, search.matcher(restrictions, types))

    @_answers(ActorsResponse)
    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        sheet = self._sheet(guid, actor_type)
        since = stamps.key(updated_on_or_after)
        # A stamp that is no number is not one of ours: then all actors are news.
        start = int(updated_on_or_after) if updated_on_or_after.isdecimal() else None
        keys = sorted(sheet.rows, key=sheet.stamps.__getitem__)
        recent = [key for key in keys if start is None or stamps.key(str(sheet.stamps[key])) >= since]
        return _answer(sheet, sheet.actors(recent, field_keys), field_keys)

    def _found(
        self, guid: str, actor_type: ActorType, field_keys: Sequence[str], test: Callable[[ErpActor], bool]
    ) -> ActorsResponse:
        sheet = self._sheet(guid, actor_type)
        searched = [field for field in sheet.fields.values() if field.searchable]
        keys = [key for key in sheet.rows if test(sheet.actor(key, searched))]
        return _answer(sheet, sheet.actors(keys, field_keys), field_keys)

    # Writing actors

    @_answers(ActorResponse)
    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        created: list[str] = []

        def plan(now: Snapshot) -> list[Change]:
            key, change = ChangeMaker(now).creation(actor)
            created[:] = [key]
            return [change]

        sheet = self._sheet_of(self._write(guid, plan), actor.actor_type)
        return ActorResponse(actor=sheet.actor(created[0], sheet.fields.values()))

    @_answers(ActorsResponse)
    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        now = self._write(guid, lambda now: ChangeMaker(now).updates(actors))
        saved, missing = [], []
        for actor in actors:
            sheet = self._sheet_of(now, actor.actor_type)
            if actor.erp_key in sheet.rows:
                saved.append(sheet.actor(actor.erp_key, sheet.fields.values()))
            else:
                missing.append(text("no_row", table=sheet.table.name, key=actor.erp_key))
        return _warned(saved, missing)

    def _write(self, guid: str, plan: Callable[[Snapshot], list[Change]]) -> Snapshot:
        """Plan changes on what is in the file now and write them, again if somebody else writes meanwhile."""
        stored = self._stored(guid)
        source = self._source(stored.values)
        with self._locked(source):
            for _ in range(_ATTEMPTS):
                now = self._current(guid, stored, source)
                changes = plan(now)
                if not changes:
                    return now
                with contextlib.suppress(ChangedMeanwhile):
                    source.write(now.reading, changes)
                    return self._current(guid, stored, source)
        raise SourceError(text("always_changed", name=source.path.name))

    # Lists

    @_answers(ListResponse)
    def get_list(self, guid: str, list_name: str) -> ListResponse:
        table = self._snapshot(guid).reading.book.list_named(list_name)
        if table is None:
            raise SourceError(text("no_list", list=list_name))
        return ListResponse(items=list_items(table))

    @_answers(ListResponse)
    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        response = self.get_list(guid, list_name)
        response.items = {key: response.items[key] for key in keys if key in response.items}
        return response

    # The state of a connection

    @property
    def _folder(self) -> Path:
        return files.home() / "connectors"

    @property
    def _store(self) -> StateStore:
        return StateStore(self._folder / f"{self.name}.sqlite3")

    def _stored(self, guid: str) -> Stored:
        stored = self._store.load(guid)
        if stored is None:
            tech = f"no configuration stored for {guid}"
            raise SourceError(text("unknown_connection"), tech, ErrorCode.UNKNOWN_CONNECTION_ID)
        return stored

    def _source(self, values: dict[str, str]) -> Source:
        return self.source_class(files.resolve(values.get(self.config_key, "")))

    @contextlib.contextmanager
    def _locked(self, source: Source) -> Iterator[None]:
        with files.locked(source.path, self._folder / "locks"):
            yield

    def _snapshot(self, guid: str) -> Snapshot:
        stored = self._stored(guid)
        source = self._source(stored.values)
        with self._guard:
            kept = self._snapshots.get(guid)
        if kept is not None and kept.revision == stored.revision and source.unchanged(kept.reading):
            return kept
        with self._locked(source):
            return self._current(guid, stored, source)

    def _current(self, guid: str, stored: Stored, source: Source) -> Snapshot:
        """The present snapshot; the caller holds the lock, so that an older reading never overtakes a newer."""
        with self._guard:
            kept = self._snapshots.get(guid)
        if kept is not None and kept.revision == stored.revision and source.unchanged(kept.reading):
            return kept
        reading = source.read()
        with self._store.transaction() as database:
            now = snapshot.take(database, guid, stored.revision, reading)
        with self._guard:
            self._snapshots[guid] = now
            self._snapshots.move_to_end(guid)
            while len(self._snapshots) > _SNAPSHOTS_KEPT:
                self._snapshots.popitem(last=False)
        return now

    def _sheet(self, guid: str, actor_type: ActorType) -> ActorSheet:
        return self._sheet_of(self._snapshot(guid), actor_type)

    @staticmethod
    def _sheet_of(now: Snapshot, actor_type: ActorType) -> ActorSheet:
        if actor_type not in now.sheets:
            raise SourceError(text("no_table", type=actor_type))
        return now.sheets[actor_type]


def _warned(actors: list[ErpActor], warnings: Sequence[str]) -> ActorsResponse:
    """Actors, with what is to be said about them."""
    user = joined(warnings)
    return ActorsResponse(True, State.WARNING if warnings else State.OK, user, english(user), actors=actors)


def _answer(sheet: ActorSheet, actors: Iterator[ErpActor], field_keys: Sequence[str]) -> ActorsResponse:
    warnings = sheet.explanations()
    if unknown := [key for key in field_keys if key not in sheet.fields]:
        warnings.append(text("no_column", table=sheet.table.name, columns=", ".join(unknown)))
    return _warned(list(actors), warnings)
