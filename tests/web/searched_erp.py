"""An ERP in memory that can be searched, with three customers, for tests of connecting and creating."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import connect_memory

from brygga.contract import ActorsResponse, ActorType, ListResponse
from brygga.erp import connectors
from brygga.erp.models import Connection, FieldMapping


class SearchedErp(MemoryErp):
    """Finds actors by their name, and remembers what was searched for."""

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[tuple[str, ...]] = []

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        """The items, or why there are none now."""
        return ListResponse.failure(self.down) if self.down else super().get_list(guid, list_name)

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        """Those of the items that are asked for."""
        items = super().get_list(guid, list_name).items
        return ListResponse(items={key: items[key] for key in keys if key in items})

    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        """Those whose name contains the text."""
        self.searched.append((search_text,))
        found = [
            actor
            for (kind, _), actor in self.actors.items()
            if kind == actor_type and search_text.casefold() in actor.fields.get("NAME", "").casefold()
        ]
        return self._answer(guid, "search_actors", found, field_keys)

    def search_actor_by_parent(
        self,
        guid: str,
        actor_type: ActorType,
        search_text: str,
        parent_type: ActorType,
        parent_key: str,
        field_keys: Sequence[str],
    ) -> ActorsResponse:
        """The children of one actor."""
        self.searched.append((search_text, parent_type, parent_key))
        found = [a for (kind, _), a in self.actors.items() if kind == actor_type and a.parent_key == parent_key]
        return self._answer(guid, "search_actor_by_parent", found, field_keys)


@contextmanager
def searched_erp(made: SearchedErp | None = None) -> Iterator[tuple[SearchedErp, Connection]]:
    """The ERP, and an active connection to it that shows name and city in search results."""
    erp = made or SearchedErp()
    with connectors.use("Harbour", erp):
        connection = connect_memory("Harbour")
        erp.put(ActorType.CUSTOMER, "1", NAME="Fjord Fisk", CITY="Bergen", GROUP="1", VATNO="")
        erp.put(ActorType.CUSTOMER, "2", NAME="Fjord Tours", CITY="Flåm")
        erp.put(ActorType.CUSTOMER, "3", NAME="Skog", CITY="Umeå")
        erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
        shown = FieldMapping.objects.filter(actor__connection=connection)
        shown.filter(key__in=["NAME", "CITY", "LASTNAME"]).update(show_in_search=True)
        shown.filter(key="CITY").update(show_in_tab=True)
        yield erp, connection
