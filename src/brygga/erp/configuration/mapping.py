"""The mappings of a configuration file: actor types, fields, list items, defaults."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError
from brygga.crm.services import lists as crm_lists
from brygga.erp.configuration.places import Place, unknown
from brygga.erp.configuration.reading import ActorSpec, ConnectionSpec, FieldSpec
from brygga.erp.errors import BryggaError
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services import mapping
from brygga.erp.services.actor_mapping import Draft
from brygga.erp.services.discovery import automatic_keys


def map_actors(spec: ConnectionSpec, connection: Connection) -> None:
    """Map what the file names; note what the ERP or the CRM does not have."""
    actors = {actor.actor_type: actor for actor in connection.actors.select_related("connection")}
    for kind, actor_spec in spec.actors.items():
        if kind in actors:
            _map_actor(actor_spec, actors[kind])
        else:
            actor_spec.place.problem(unknown(kind, actors))


def check_directions(spec: ConnectionSpec, connection: Connection) -> None:
    """Note the directions that are not available, now that all connections have their mappings (behaviour A7)."""
    for actor in connection.actors.filter(actor_type__in=spec.actors).select_related("connection"):
        specs = spec.actors[actor.actor_type].fields or {}
        draft = Draft(actor)
        for drafted in draft.fields.values():
            if drafted.field.key in specs and (reason := draft.fault(drafted)):
                specs[drafted.field.key].place.entry("direction").problem(reason)


def _map_actor(spec: ActorSpec, actor: ActorMapping) -> None:
    if spec.sync is not None:
        with noting(spec.place):
            mapping.set_sync(actor, spec.sync)
    fields = {field.key: field for field in actor.fields.prefetch_related("items")}
    for field in fields.values():
        field.actor = actor
    if spec.fields is not None:
        _note_unknown({key: field.place for key, field in spec.fields.items()}, fields)
        automatic = automatic_keys(actor)
        for key, field in fields.items():
            _map_field(spec.fields.get(key), field, automatic.get(key.upper(), ""))
    if spec.defaults is not None:
        _note_unknown({key: default.place for key, default in spec.defaults.items()}, fields)
        for field in fields.values():
            _set_default(spec, field)


def _map_field(spec: FieldSpec | None, field: FieldMapping, automatic: str) -> None:
    """Map a field as the file says; one that it does not name is as a new one is (behaviour A8)."""
    if spec is None:
        mapping.assign(field, automatic, False, False, show_in_tab=False, show_in_search=False, policy="")
        return
    known = mapping.crm_fields_of(field.actor)
    if spec.crm and spec.crm not in known and spec.crm != field.crm_key:
        spec.place.entry("crm").problem(unknown(spec.crm, known))
    if spec.place.is_faulty:
        _note_unknown_items(spec, field)
        mapping.assign(field, "", False, False)
        return
    mapping.assign(
        field, spec.crm, spec.to_crm, spec.to_erp, show_in_tab=spec.tab, show_in_search=spec.search, policy=spec.policy
    )
    if spec.rank is not None and spec.rank != field.rank:
        field.rank = spec.rank
        field.save(update_fields=["rank"])
    _map_items(spec, field)


def _map_items(spec: FieldSpec, field: FieldMapping) -> None:
    place = spec.place.entry("list")
    list_key = mapping.list_key_of(field)
    if spec.items and not list_key:
        place.problem(_("only a field that is mapped to a CRM list has list items."))
        return
    _note_unknown_items(spec, field)
    with noting(place):
        crm_items = _crm_items(list_key, spec.items.values())
        mapping.set_items(field, {key: crm_items[text.casefold()] for key, text in spec.items.items()})


def _note_unknown_items(spec: FieldSpec, field: FieldMapping) -> None:
    """Note ERP items that the ERP does not have; it is asked only for items that are not mapped already."""
    stored = set(field.items.values_list("erp_item", flat=True))
    if not field.list_name or spec.items.keys() <= stored:
        return
    place = spec.place.entry("list")
    with noting(place):
        _note_unknown({key: place.entry(key) for key in spec.items}, mapping.erp_items(field))


def _crm_items(list_key: str, texts: Collection[str]) -> dict[str, int]:
    """Ids of CRM list items by text, whatever its case; those that are missing are made (behaviour A9)."""
    if not texts:
        return {}
    items = {item.text.casefold(): item.pk for item in crm_lists.items(list_key)}
    missing = [text for text in texts if text.casefold() not in items]
    added = crm_lists.add_items(list_key, missing)
    return items | {text.casefold(): int(item) for text, item in added.items()}


def _set_default(spec: ActorSpec, field: FieldMapping) -> None:
    default = (spec.defaults or {}).get(field.key)
    if default is None or default.place.is_faulty:
        mapping.set_default(field)
        return
    with noting(default.place):
        mapping.set_default(field, value=default.value, ask=default.ask, mandatory=default.mandatory)


def _note_unknown(places: dict[str, Place], known: Collection[str]) -> None:
    for key, place in places.items():
        if key not in known:
            place.problem(unknown(key, known))


@contextmanager
def noting(place: Place) -> Iterator[None]:
    """Note at the place what is refused within the block."""
    try:
        yield
    except (BryggaError, CrmError) as error:
        place.problem(error.user_message)
