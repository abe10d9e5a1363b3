"""Advanced search in an ERP: the fields on offer, the criteria a user last searched with, the answer (behaviour S)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from brygga.contract import ActorType, ErpActor, FieldType, SearchRestriction
from brygga.crm.models import User
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, FieldMapping, RememberedSearch


def searchable_fields(actor: ActorMapping) -> list[FieldMapping]:
    """The fields that criteria can be about, in rank order; passwords can't be searched."""
    fields = actor.fields.filter(searchable=True, missing=False).exclude(type=FieldType.PASSWORD)
    return list(fields.select_related("actor__connection__connector"))


def find(
    actor: ActorMapping, restrictions: Sequence[SearchRestriction], field_keys: Sequence[str]
) -> Iterable[ErpActor]:
    """The actors for which all criteria hold, as they come from the ERP; all of them without criteria.

    Raises ConnectorFailed, at once or while they are read.
    """
    kind, connection = ActorType(actor.actor_type), actor.connection
    if restrictions:
        answer = connectors.call(connection, "search_actors_advanced", kind, list(restrictions), list(field_keys))
    else:
        answer = connectors.call(connection, "search_actors", kind, "", list(field_keys))
    found: Iterable[ErpActor] = answer.actors
    return found


def remember(user: User, actor: ActorMapping, restrictions: Sequence[SearchRestriction]) -> None:
    """Keep the criteria for the user's next search of this actor type."""
    lines = [[one.field_key, one.operator, one.values] for one in restrictions]
    RememberedSearch.objects.update_or_create(user=user, actor=actor, defaults={"lines": lines})


def remembered(user: User, actor: ActorMapping) -> list[SearchRestriction] | None:
    """The criteria of the user's last search of this actor type; None before the first."""
    found = RememberedSearch.objects.filter(user=user, actor=actor).values_list("lines", flat=True).first()
    return None if found is None else [SearchRestriction(*line) for line in found]
