"""The Connector base class: the 17 operations of the contract (section 2)."""

from __future__ import annotations

from collections.abc import Sequence

from brygga.contract.actors import ActorType, ConnectionInfo, ErpActor, SearchRestriction
from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
    ResponseT,
)


class Connector:
    """Glue to one kind of ERP. Derive from it and implement the operations your ERP can do.

    A connector has no user interface and never calls the CRM. One instance serves many connections, named by
    the GUID that the CRM side makes, and may be called from several threads. It reports failures in
    responses; it does not raise. An operation that is not overridden answers that it is not offered.

    `name` is what `plugin://NAME` refers to; `title` and `description` are localised text for the catalogue.
    """

    name: str = ""
    title: str = ""
    description: str = ""

    def get_config_data(self) -> FieldsResponse:
        """The configuration fields a connection to this kind of ERP needs."""
        return FieldsResponse()

    def test_config_data(self, info: ConnectionInfo) -> Response:
        """Whether these configuration values would work; nothing is stored."""
        return _not_offered(Response, "test_config_data")

    def save_connection(self, info: ConnectionInfo) -> Response:
        """Store the configuration under `info.guid`; later calls carry the GUID alone."""
        return _not_offered(Response, "save_connection")

    def test_connection(self, guid: str) -> Response:
        """Whether the stored connection works now."""
        return _not_offered(Response, "test_connection")

    def delete_connection(self, guid: str) -> Response:
        """Forget the stored configuration. Nothing is deleted in the ERP."""
        return _not_offered(Response, "delete_connection")

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        """Names of the actor types on offer."""
        return _not_offered(ItemsResponse, "get_supported_actor_types")

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        """The fields of an actor type."""
        return _not_offered(FieldsResponse, "get_supported_actor_type_fields")

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        """Keys of the fields that `search_actors_advanced` takes."""
        return _not_offered(ItemsResponse, "get_searchable_fields")

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        """The actors with these keys; unknown keys are left out of the answer."""
        return _not_offered(ActorsResponse, "get_actors")

    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        """Actors that match a free text; an empty text means all."""
        return _not_offered(ActorsResponse, "search_actors")

    def search_actor_by_parent(
        self,
        guid: str,
        actor_type: ActorType,
        search_text: str,
        parent_type: ActorType,
        parent_key: str,
        field_keys: Sequence[str],
    ) -> ActorsResponse:
        """As `search_actors`, among the children of one actor."""
        return _not_offered(ActorsResponse, "search_actor_by_parent")

    def search_actors_advanced(
        self,
        guid: str,
        actor_type: ActorType,
        restrictions: Sequence[SearchRestriction],
        field_keys: Sequence[str],
    ) -> ActorsResponse:
        """Actors for which every restriction holds."""
        return _not_offered(ActorsResponse, "search_actors_advanced")

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        """Create an actor; the answer carries its key, its stamp and its values as stored."""
        return _not_offered(ActorResponse, "create_actor")

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        """Write the given fields of existing actors; fields that are not given stay as they are. The answer
        carries the actors with their new stamps."""
        return _not_offered(ActorsResponse, "save_actors")

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        """All items of a list. The zero GUID is used while a connection is being defined."""
        return _not_offered(ListResponse, "get_list")

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        """The items with these keys; unknown keys are left out."""
        return _not_offered(ListResponse, "get_list_items")

    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        """Actors whose stamp is *on or after* the given one, so what was seen last comes again. Empty = all."""
        return _not_offered(ActorsResponse, "get_actors_by_timestamp")


def _not_offered(kind: type[ResponseT], operation: str) -> ResponseT:
    return kind.failure("The connector does not offer this operation.", f"{operation} is not implemented")
