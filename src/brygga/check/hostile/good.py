"""`SampleConnector`: a complete and correct connector to an ERP in memory; a model to read, and to break on purpose."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import ParamSpec

from brygga.check.hostile import sample_data
from brygga.check.hostile.ledger import Ledger, Refusal
from brygga.contract import (
    ZERO_GUID,
    Access,
    ActorResponse,
    ActorsResponse,
    ActorType,
    BadValue,
    ConfigError,
    ConnectionInfo,
    Connector,
    ErpActor,
    ErrorCode,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
    SearchError,
    SearchRestriction,
    config,
    config_field,
    search,
    stamps,
    values,
)
from brygga.contract.localised import text_for
from brygga.contract.responses import ResponseT

P = ParamSpec("P")

SAMPLE_VALUES = {"UserName": "sync", "Password": "open sesame", "AllowChanges": "[I:1]", "Company": "N"}
"""A configuration that works."""


@dataclass(kw_only=True)
class Settings:
    """What a connection needs."""

    user_name: str = config_field(label='US:"User name";NO:"Brukernavn"', mandatory=True, max_length=40)
    password: str = config_field(label='US:"Password";NO:"Passord"', secret=True, mandatory=True)
    allow_changes: bool = config_field(label='US:"Allow changes";NO:"Tillat endringer"', default=True)
    company: str = config_field(label='US:"Company";NO:"Firma"', list_name=sample_data.COMPANIES, mandatory=True)


def answers(kind: type[ResponseT]) -> Callable[[Callable[P, ResponseT]], Callable[P, ResponseT]]:
    """Let an operation answer with a failure of this class where it would raise (contract, section 3)."""

    def decorate(operation: Callable[P, ResponseT]) -> Callable[P, ResponseT]:
        @functools.wraps(operation)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseT:
            try:
                return operation(*args, **kwargs)
            except (Refusal, SearchError) as error:
                return kind.failure(str(error), f"{operation.__name__}: {error}", error.code)
            except ConfigError as error:
                return kind.failure(str(error), f"{operation.__name__}: {sorted(error.problems)} not usable")

        return guarded

    return decorate


class SampleConnector(Connector):
    """An ERP in memory with two companies. A connection sees one of them; what is written lives with the object."""

    name = "sample"
    title = 'US:"Sample ERP";NO:"Eksempel-ERP"'
    description = "Two companies in memory, for trying out the conformance kit."

    def __init__(self) -> None:
        self._guard = Lock()
        self._settings: dict[str, Settings] = {}
        companies = sample_data.LISTS[sample_data.COMPANIES]
        self._ledgers = {company: Ledger(sample_data.actors(company)) for company in companies}

    # Connections

    def get_config_data(self) -> FieldsResponse:
        return FieldsResponse(fields=config.metadata(Settings))

    @answers(Response)
    def test_config_data(self, info: ConnectionInfo) -> Response:
        self._log_in(info.values)
        return Response()

    @answers(Response)
    def save_connection(self, info: ConnectionInfo) -> Response:
        settings = self._log_in(info.values)
        if not info.guid:
            raise Refusal("The connection has no identifier and can't be stored.")
        with self._guard:
            self._settings[info.guid] = settings
        return Response()

    @answers(Response)
    def test_connection(self, guid: str) -> Response:
        self._connection(guid)
        return Response()

    @answers(Response)
    def delete_connection(self, guid: str) -> Response:
        self._connection(guid)
        with self._guard:
            self._settings.pop(guid, None)
        return Response()

    def _log_in(self, configuration: Mapping[str, str]) -> Settings:
        settings = config.parse(Settings, configuration)
        if settings.company not in self._ledgers:
            raise Refusal("There is no such company. Choose one from the list.", ErrorCode.UNKNOWN_LIST_ITEM_ID)
        if settings.password != SAMPLE_VALUES["Password"]:
            raise Refusal("The ERP does not accept the password. Enter it again.")
        return settings

    def _connection(self, guid: str) -> Settings:
        with self._guard:
            settings = self._settings.get(guid)
        if settings is None:
            text = "The connector does not know this connection. Save the connection again."
            raise Refusal(text, ErrorCode.UNKNOWN_CONNECTION_ID)
        return settings

    def _ledger(self, guid: str) -> Ledger:
        return self._ledgers[self._connection(guid).company]

    def _ledger_to_change(self, guid: str) -> Ledger:
        if not self._connection(guid).allow_changes:
            raise Refusal("The connection does not allow changes in the ERP. Allow them in its configuration.")
        return self._ledger(guid)

    # Metadata

    @answers(ItemsResponse)
    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        self._connection(guid)
        return ItemsResponse(items=[str(actor_type) for actor_type in sample_data.FIELDS])

    @answers(FieldsResponse)
    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        self._connection(guid)
        return FieldsResponse(fields=[replace(field) for field in self._fields(actor_type).values()])

    @answers(ItemsResponse)
    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        self._connection(guid)
        return ItemsResponse(items=list(self._fields(actor_type)))

    def _fields(self, actor_type: ActorType) -> dict[str, FieldMetadata]:
        if actor_type not in sample_data.FIELDS:
            raise Refusal(f'The ERP has no actors of the type "{actor_type}".')
        return {field.key: field for field in sample_data.FIELDS[actor_type]}

    def _known_fields(self, actor_type: ActorType, keys: Iterable[str]) -> dict[str, FieldMetadata]:
        fields = self._fields(actor_type)
        if unknown := [key for key in keys if key not in fields]:
            text = f'{actor_type} has no field "{unknown[0]}". Read the fields of the connection again.'
            raise Refusal(text, ErrorCode.UNKNOWN_FIELD_KEY)
        return fields

    # Reading actors

    @answers(ActorsResponse)
    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        ledger = self._ledger(guid)
        found = [ledger.find(actor_type, key) for key in dict.fromkeys(erp_keys)]
        return self._answer(actor_type, filter(None, found), field_keys)

    @answers(ActorsResponse)
    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        everyone = self._everyone(guid, actor_type)
        found = [actor for actor in everyone if self._mentions(actor, search_text)]
        return self._answer(actor_type, found, field_keys)

    @answers(ActorsResponse)
    def search_actor_by_parent(
        self,
        guid: str,
        actor_type: ActorType,
        search_text: str,
        parent_type: ActorType,
        parent_key: str,
        field_keys: Sequence[str],
    ) -> ActorsResponse:
        everyone = self._everyone(guid, actor_type)
        children = [actor for actor in everyone if self._belongs(actor, parent_type, parent_key)]
        found = [actor for actor in children if self._mentions(actor, search_text)]
        return self._answer(actor_type, found, field_keys)

    @answers(ActorsResponse)
    def search_actors_advanced(
        self, guid: str, actor_type: ActorType, restrictions: Sequence[SearchRestriction], field_keys: Sequence[str]
    ) -> ActorsResponse:
        everyone = self._everyone(guid, actor_type)
        return self._answer(actor_type, filter(self._test(actor_type, restrictions), everyone), field_keys)

    @answers(ActorsResponse)
    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        everyone = self._everyone(guid, actor_type)
        found = [actor for actor in everyone if self._changed_since(actor, updated_on_or_after)]
        return self._answer(actor_type, found, field_keys)

    def _everyone(self, guid: str, actor_type: ActorType) -> list[ErpActor]:
        return self._ledger(guid).actors(actor_type)

    def _mentions(self, actor: ErpActor, search_text: str) -> bool:
        return search.matches_text(actor, search_text)

    def _belongs(self, actor: ErpActor, parent_type: ActorType, parent_key: str) -> bool:
        return actor.parent_type == parent_type and actor.parent_key == parent_key

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        return search.matcher(restrictions, {key: field.type for key, field in self._fields(actor_type).items()})

    def _changed_since(self, actor: ErpActor, stamp: str) -> bool:
        return not stamps.newer(stamp, actor.last_modified)

    def _answer(self, actor_type: ActorType, actors: Iterable[ErpActor], field_keys: Sequence[str]) -> ActorsResponse:
        self._known_fields(actor_type, field_keys)
        return ActorsResponse(actors=[self._shown(actor, field_keys) for actor in actors])

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        """A copy with these fields only, for the answer. A field without a value is an empty text."""
        return replace(actor, fields={key: actor.fields.get(key, "") for key in field_keys})

    # Writing actors

    @answers(ActorResponse)
    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        ledger = self._ledger_to_change(guid)
        fields = self._fields(actor.actor_type)
        defaults = {key: field.default for key, field in fields.items()}
        created = ledger.create(self._checked(ledger, replace(actor, erp_key="", fields=defaults | actor.fields)))
        return ActorResponse(actor=self._shown(created, fields))

    @answers(ActorsResponse)
    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        ledger = self._ledger_to_change(guid)
        saved = ledger.save([self._checked(ledger, actor) for actor in actors])
        return ActorsResponse(actors=[self._shown(actor, self._fields(actor.actor_type)) for actor in saved])

    def _checked(self, ledger: Ledger, actor: ErpActor) -> ErpActor:
        """The actor with its values in the usual form. Raises Refusal for what the ERP can't keep as it is."""
        fields = self._known_fields(actor.actor_type, actor.fields)
        if actor.parent_key and (not actor.parent_type or not ledger.find(actor.parent_type, actor.parent_key)):
            raise Refusal(f'There is no {actor.parent_type or "parent"} "{actor.parent_key}" for this actor.')
        old = ledger.find(actor.actor_type, actor.erp_key)
        kept = old.fields if old else {}
        return replace(
            actor,
            fields={key: self._value(fields[key], text, kept.get(key, "")) for key, text in actor.fields.items()},
        )

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        """The value as it is stored; `old` is what is stored now."""
        label = text_for(field.name, "en")
        try:
            value = values.encode_as(values.decode(text, field.type), field.type)
        except BadValue as error:
            raise Refusal(f'"{label}": {error}. Correct the value.') from error
        if value != old and field.access is Access.READ_ONLY:
            raise Refusal(f'"{label}" is set by the ERP and cannot be changed.')
        if not value and field.access is Access.MANDATORY:
            raise Refusal(f'"{label}" is missing. Enter a value.')
        if field.max_length and len(value) > field.max_length:
            raise Refusal(f'"{label}" is too long: {len(value)} characters, {field.max_length} are allowed.')
        if value and field.type is FieldType.LIST and value not in self._items(field.list_name):
            raise Refusal(f'"{label}": the list has no item "{value}".', ErrorCode.UNKNOWN_LIST_ITEM_ID)
        return value

    # Lists

    @answers(ListResponse)
    def get_list(self, guid: str, list_name: str) -> ListResponse:
        if guid != ZERO_GUID:
            self._connection(guid)
        elif list_name != sample_data.COMPANIES:
            raise Refusal(f'The list "{list_name}" can be read when the connection is saved.')
        return ListResponse(items=dict(self._items(list_name)))

    @answers(ListResponse)
    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        self._connection(guid)
        items = self._items(list_name)
        return ListResponse(items={key: items[key] for key in keys if key in items})

    def _items(self, list_name: str) -> dict[str, str]:
        if list_name not in sample_data.LISTS:
            raise Refusal(f'The ERP has no list "{list_name}".')
        return sample_data.LISTS[list_name]
