"""The mapping of an actor type as a whole: drafted in memory, checked, and saved all or nothing (behaviour A7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from brygga import merge
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, FieldMapping, ListItemMapping
from brygga.erp.services import mapping
from brygga.merge import Policy


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """What an ERP field is to be mapped to; None leaves it as it is. The field is named by id, else by key.

    An empty `crm_key` maps it to nothing; then, unless told otherwise, it has no direction either. An empty `policy`
    means the connection's.
    """

    field_id: int | None = None
    erp_key: str | None = None
    crm_key: str | None = None
    to_crm: bool | None = None
    to_erp: bool | None = None
    show_in_tab: bool | None = None
    show_in_search: bool | None = None
    policy: Policy | str | None = None


class NotAvailable(Refused):
    """Directions that are not available; `faults` has the reason for each field, by its id."""

    def __init__(self, faults: Mapping[int, str], message: str) -> None:
        super().__init__(message)
        self.faults = dict(faults)


@dataclass(slots=True)
class DraftField:
    """An ERP field and what it may become mapped to; `field` is as it is stored."""

    field: FieldMapping
    crm_key: str
    to_crm: bool
    to_erp: bool
    show_in_tab: bool
    show_in_search: bool
    policy: str
    stored_items: Mapping[str, str]

    @classmethod
    def of(cls, field: FieldMapping, items: Mapping[str, str]) -> DraftField:
        """The field as it is stored, with its list mapping."""
        return cls(
            field,
            field.crm_key,
            field.to_crm,
            field.to_erp,
            field.show_in_tab,
            field.show_in_search,
            field.policy,
            items,
        )

    @property
    def label(self) -> str:
        """The name of the ERP field in the reader's language."""
        return mapping.label_of(self.field)

    @property
    def is_directed(self) -> bool:
        """Whether values flow in any direction."""
        return self.to_crm or self.to_erp

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what is stored."""
        return self != DraftField.of(self.field, self.stored_items)

    @property
    def items(self) -> Mapping[str, str]:
        """The list mapping, ERP item to CRM item; with another CRM field there is none yet."""
        return self.stored_items if self.crm_key == self.field.crm_key else {}

    def choose(self, choice: FieldChoice) -> None:
        """Take over what was chosen."""
        if choice.crm_key is not None:
            self.crm_key = choice.crm_key
        self.to_crm = (self.to_crm and bool(self.crm_key)) if choice.to_crm is None else choice.to_crm
        self.to_erp = (self.to_erp and bool(self.crm_key)) if choice.to_erp is None else choice.to_erp
        if choice.show_in_tab is not None:
            self.show_in_tab = choice.show_in_tab
        if choice.show_in_search is not None:
            self.show_in_search = choice.show_in_search
        if choice.policy is not None:
            self.policy = choice.policy


class Draft:
    """The mapping of an actor type as it may become. It is read once; nothing is stored before `store`."""

    def __init__(self, actor: ActorMapping) -> None:
        self.actor = actor
        self.sync = actor.sync
        self.crm_fields = mapping.crm_fields_of(actor)
        self._crm_specs = {key: mapping.crm_spec(crm_field) for key, crm_field in self.crm_fields.items()}
        items = _items_of(actor)
        self.fields = {field.pk: DraftField.of(field, items[field.pk]) for field in actor.fields.all()}
        self._keys = {drafted.field.key: drafted for drafted in self.fields.values()}
        self._elsewhere = fed_by_others(actor)
        self._chosen: dict[int, DraftField] = {}

    def choose(self, choice: FieldChoice) -> DraftField:
        """Map a field. Raises NotFound for one that is not there, Refused for a CRM field that is not there."""
        drafted = self._named(choice)
        if choice.crm_key and choice.crm_key not in self.crm_fields and choice.crm_key != drafted.field.crm_key:
            text = _('%(field)s: the CRM has no field "%(crm)s".')
            raise Refused(text % {"field": drafted.label, "crm": choice.crm_key})
        drafted.choose(choice)
        self._chosen[drafted.field.pk] = drafted
        return drafted

    def obstacles(self, drafted: DraftField) -> tuple[str | None, str | None]:
        """Why the directions to the CRM and to the ERP are not available: codes of `mapping.REASONS`, else None."""
        code = mapping.field_obstacle(drafted.field, drafted.crm_key, self.crm_fields)
        if code:
            return code, code
        erp, crm = mapping.erp_spec(drafted.field), self._crm_specs[drafted.crm_key]
        to_crm, to_erp = merge.available_directions(erp, crm)
        return to_crm or self._fed_already(drafted), to_erp

    def reason(self, drafted: DraftField, code: str) -> str:
        """Why a direction is not available, in words, naming who feeds the CRM field instead."""
        if code == "fed_by_other":
            name = self._elsewhere[drafted.crm_key]
            return _("%(connection)s feeds this CRM field already.") % {"connection": name}
        if code == "fed_by_field" and (other := self._feeder(drafted)):
            return _("%(field)s feeds this CRM field already.") % {"field": other.label}
        return str(mapping.REASONS[code])

    def reasons(self, drafted: DraftField) -> tuple[str, str]:
        """Why the directions to the CRM and to the ERP are not available, in words; empty where they are."""
        to_crm, to_erp = self.obstacles(drafted)
        return self.reason(drafted, to_crm) if to_crm else "", self.reason(drafted, to_erp) if to_erp else ""

    def fitting(self, field: FieldMapping) -> list[str]:
        """The keys of the CRM fields that an ERP field can go with, at least one way."""
        erp = mapping.erp_spec(field)
        return [
            key
            for key, crm in self._crm_specs.items()
            if mapping.field_obstacle(field, key, self.crm_fields) is None
            and None in merge.available_directions(erp, crm)
        ]

    def compiled(self, drafted: DraftField) -> merge.FieldMapping | None:
        """What the merge would be given; None for a field that takes no part."""
        crm = self._crm_specs.get(drafted.crm_key)
        if crm is None or drafted.field.missing or not drafted.is_directed:
            return None
        return merge.FieldMapping(
            mapping.erp_spec(drafted.field),
            crm,
            drafted.to_crm,
            drafted.to_erp,
            drafted.items,
            Policy(drafted.policy) if drafted.policy else None,
        )

    def faults(self) -> dict[int, str]:
        """Why the chosen fields can't be mapped so, by id of the field; empty if nothing speaks against it."""
        found: dict[int, str] = {}
        for pk, drafted in self._chosen.items():
            if reason := self.fault(drafted):
                found[pk] = reason
        return found

    def fault(self, drafted: DraftField) -> str:
        """Why a field can't have the directions that it has, in words; empty if nothing speaks against them."""
        to_crm, to_erp = self.reasons(drafted) if drafted.is_directed else ("", "")
        return (drafted.to_crm and to_crm) or (drafted.to_erp and to_erp) or ""

    def store(self) -> None:
        """Store what was chosen, unchecked; see `store`."""
        for drafted in self._chosen.values():
            if drafted.is_changed:
                _assign(drafted)
        if self.sync != self.actor.sync:
            mapping.set_sync(self.actor, self.sync)

    def _named(self, choice: FieldChoice) -> DraftField:
        drafted = self.fields.get(choice.field_id) if choice.field_id else self._keys.get(choice.erp_key or "")
        if drafted is None or (choice.erp_key and choice.erp_key != drafted.field.key):
            shown = {"actor": self.actor.actor_type, "key": choice.erp_key or "", "id": choice.field_id or 0}
            raise NotFound(_("%(actor)s has no field with the key “%(key)s” and the id %(id)s.") % shown)
        if drafted.field.pk in self._chosen:
            raise Refused(_("%(field)s is mapped twice. Keep one of the two.") % {"field": drafted.label})
        return drafted

    def _fed_already(self, drafted: DraftField) -> str | None:
        """A CRM field has one source: one field of one connection (actor types of a connection are alternatives)."""
        if self._feeder(drafted):
            return "fed_by_field"
        return "fed_by_other" if drafted.crm_key in self._elsewhere else None

    def _feeder(self, drafted: DraftField) -> DraftField | None:
        """Another field of the actor type that feeds the same CRM field."""
        feeding = (o for o in self.fields.values() if o.to_crm and o.crm_key == drafted.crm_key and o is not drafted)
        return next(feeding, None)


def save(actor: ActorMapping, sync: bool | None, choices: Sequence[FieldChoice]) -> None:
    """Map these fields, and switch the sync of the actor type; fields that are not named stay as they are.

    Whether the directions are available is asked of the whole, so two fields can change places. Raises NotFound for
    an unknown field, Refused for a field that is named twice and for an unknown CRM field, and NotAvailable with every
    direction that is not available; then nothing is changed.
    """
    draft = Draft(actor)
    for choice in choices:
        draft.choose(choice)
    if sync is not None:
        draft.sync = sync
    store([draft])


@transaction.atomic
def store(drafts: Iterable[Draft]) -> None:
    """Store drafts together. Raises NotAvailable and Refused (see `mapping.set_sync`); then nothing is changed."""
    drafts = list(drafts)
    faults = {pk: (draft.fields[pk].label, why) for draft in drafts for pk, why in draft.faults().items()}
    if faults:
        message = "\n".join(f"{label}: {why}" for label, why in faults.values())
        raise NotAvailable({pk: why for pk, (_label, why) in faults.items()}, message)
    for draft in drafts:
        draft.store()


def fed_by_others(actor: ActorMapping) -> dict[str, str]:
    """The CRM fields that another connection feeds, so that this one can't, and the name of that connection."""
    feeding = FieldMapping.objects.filter(
        to_crm=True, actor__sync=True, actor__record_type=actor.record_type, actor__connection__deleted=False
    ).exclude(actor__connection=actor.connection_id)
    return {field.crm_key: field.actor.connection.name for field in feeding.select_related("actor__connection")}


def _items_of(actor: ActorMapping) -> defaultdict[int, dict[str, str]]:
    """The list mappings of an actor type, ERP item to CRM item, by the id of the field."""
    items: defaultdict[int, dict[str, str]] = defaultdict(dict)
    stored = ListItemMapping.objects.filter(field__actor=actor)
    for field_id, erp_item, crm_item in stored.values_list("field_id", "erp_item", "crm_item_id"):
        items[field_id][erp_item] = str(crm_item)
    return items


def _assign(drafted: DraftField) -> None:
    mapping.assign(
        drafted.field,
        drafted.crm_key,
        drafted.to_crm,
        drafted.to_erp,
        show_in_tab=drafted.show_in_tab,
        show_in_search=drafted.show_in_search,
        policy=drafted.policy,
    )
