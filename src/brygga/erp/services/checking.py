"""What may go wrong with a mapping: found while it is made, and again when a connection is activated (behaviour G6).

One list of findings for both: those that block keep a connection from being activated (behaviour A13), warnings name
values that will not get across, hints name what an administrator may have overlooked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.core.cache import cache
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldType
from brygga.crm.fields import CrmField
from brygga.erp.crm_side import crm_side
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import mapping
from brygga.erp.services.actor_mapping import Draft, DraftField
from brygga.merge import Kind, kind_of

Lists = Mapping[str, Mapping[str, str]]
"""Lists of an ERP by name: item key to text."""


class Severity(StrEnum):
    """What a finding means for the connection."""

    BLOCKING = "blocking"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a mapping: what is so, and what to do. Without a field it is about the actor type or the whole.

    `code` names the kind of finding, for programs.
    """

    code: str
    severity: Severity
    sentence: str
    advice: str = ""
    actor_type: str = ""
    field_key: str = ""

    @property
    def text(self) -> str:
        """The sentence, and what to do."""
        return f"{self.sentence} {self.advice}".strip()

    @property
    def message(self) -> str:
        """The same with the actor type before it, for a list of findings of several."""
        return f"{self.actor_type}: {self.text}" if self.actor_type else self.text

    @property
    def is_blocking(self) -> bool:
        """Whether the connection can't be activated."""
        return self.severity is Severity.BLOCKING


_ORDER = list(Severity)
_REMEMBERED = 300
"""For how many seconds the lists of an ERP are known: as long as somebody takes to map a few fields."""

_MISFITS: Mapping[tuple[Kind, Kind], Any] = {
    (Kind.TEXT, Kind.INTEGER): gettext_lazy("Texts that are no whole number"),
    (Kind.TEXT, Kind.DOUBLE): gettext_lazy("Texts that are no number"),
    (Kind.TEXT, Kind.DATE): gettext_lazy("Texts that are no date"),
    (Kind.TEXT, Kind.DATETIME): gettext_lazy("Texts that are no date"),
    (Kind.DOUBLE, Kind.INTEGER): gettext_lazy("Numbers with decimals"),
    (Kind.INTEGER, Kind.CHECKBOX): gettext_lazy("Numbers other than 0 and 1"),
    (Kind.DATETIME, Kind.DATE): gettext_lazy("Dates with a time of day"),
}
"""The values that a conversion refuses (`brygga.merge.mapping.CONVERSIONS`), by the kinds of the two fields."""


def check(connection: Connection) -> list[Finding]:
    """What may go wrong with the mappings of a connection; the ERP is asked for its lists as far as it answers."""
    drafts = [Draft(actor) for actor in connection.actors.filter(sync=True).select_related("connection__connector")]
    lists = read_lists(drafts)
    return [finding for draft in drafts for finding in check_draft(draft, lists)]


def check_draft(draft: Draft, lists: Lists) -> list[Finding]:
    """What may go wrong with the mapping of an actor type as drafted, the worst first; nothing if it is not synced.

    `lists` are those of the ERP that are known; of the others only the list mapping is looked at.
    """
    if not draft.sync or not draft.crm_fields:
        return []
    found = [finding for drafted in draft.fields.values() for finding in _Checked(draft, drafted, lists).findings()]
    found += _not_fed(draft)
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))


def read_lists(drafts: Sequence[Draft]) -> dict[str, Mapping[str, str]]:
    """The ERP's lists whose items are mapped to those of the CRM. A list that the ERP does not give is left out."""
    lists: dict[str, Mapping[str, str]] = {}
    for field in mapped_list_fields(drafts):
        try:
            lists[field.list_name] = mapping.erp_items(field)
        except (ConnectorFailed, Refused):  # it is in the log, and the connection's own test says so
            continue
        cache.set(_cache_key(field), lists[field.list_name], _REMEMBERED)
    return lists


def known_lists(drafts: Sequence[Draft]) -> dict[str, Mapping[str, str]]:
    """The same as far as they have been read a short while ago; the ERP is not asked."""
    known = {field.list_name: cache.get(_cache_key(field)) for field in mapped_list_fields(drafts)}
    return {name: texts for name, texts in known.items() if texts is not None}


def mapped_list_fields(drafts: Sequence[Draft]) -> list[FieldMapping]:
    """For each ERP list that takes part in the drafts a field that has it."""
    found: dict[str, FieldMapping] = {}
    for draft in drafts:
        for drafted in draft.fields.values():
            if draft.sync and drafted.is_directed and drafted.field.type == FieldType.LIST:
                found.setdefault(drafted.field.list_name, drafted.field)
    return list(found.values())


def has_default(field: FieldMapping) -> bool:
    """Whether a new actor gets a value for the field: a set one, or one that is asked for (behaviour A10)."""
    return field.default_set or field.default_ask


class _Checked:
    """One field of a draft, looked at from every side."""

    def __init__(self, draft: Draft, drafted: DraftField, lists: Lists) -> None:
        self._draft, self._drafted, self._field = draft, drafted, drafted.field
        self._crm = draft.crm_fields.get(drafted.crm_key)
        self._lists = lists
        self._names = {"field": drafted.label, "crm": str(self._crm.label) if self._crm else drafted.crm_key}

    def findings(self) -> Iterator[Finding]:
        """Everything there is to say of the field."""
        if self._field.missing:
            yield from self._missing()
            return
        yield from self._mandatory()
        if self._drafted.is_directed:
            yield from self._directions()
        if self._crm is None:
            return
        yield from self._fed_by_other()
        if not self._drafted.is_directed:
            return
        yield from self._way_back()
        yield from self._lengths(self._crm)
        yield from self._types(self._crm)
        yield from self._blanks(self._crm)
        if self._field.type == FieldType.LIST and self._crm.kind is Kind.LIST:
            yield from self._items(self._crm)

    @cached_property
    def _obstacles(self) -> tuple[str | None, str | None]:
        return self._draft.obstacles(self._drafted)

    def _finding(self, code: str, severity: Severity, sentence: str, advice: str = "", **values: Any) -> Finding:
        names = self._names | values
        actor_type, key = self._draft.actor.actor_type, self._field.key
        return Finding(code, severity, sentence % names, advice % names, actor_type, key)

    def _missing(self) -> Iterator[Finding]:
        if self._drafted.crm_key or has_default(self._field):
            sentence = _("The ERP no longer has the field %(field)s.")
            yield self._finding("missing", Severity.BLOCKING, sentence, _("Remove its mapping and its default."))

    def _mandatory(self) -> Iterator[Finding]:
        if self._field.access == Access.MANDATORY and not self._drafted.is_directed and not has_default(self._field):
            sentence, advice = _("%(field)s is mandatory in the ERP."), _("Give it a direction or a default.")
            yield self._finding("mandatory", Severity.BLOCKING, sentence, advice)

    def _directions(self) -> Iterator[Finding]:
        to_crm, to_erp = self._obstacles
        code = (self._drafted.to_crm and to_crm) or (self._drafted.to_erp and to_erp)
        if code:
            kind = "fed_twice" if code.startswith("fed_") else "direction"
            advice = _("Switch the direction off, or choose another CRM field.")
            reason = self._draft.reason(self._drafted, code)
            yield self._finding(kind, Severity.BLOCKING, "%(field)s: %(reason)s", advice, reason=reason)

    def _fed_by_other(self) -> Iterator[Finding]:
        code, to_erp = self._obstacles
        if not self._drafted.to_crm and not to_erp and code in ("fed_by_other", "fed_by_field"):
            sentence = _("%(field)s: %(reason)s So it can only go from the CRM to the ERP here.")
            reason = self._draft.reason(self._drafted, code)
            yield self._finding("fed_by_other", Severity.HINT, sentence, reason=reason)

    def _way_back(self) -> Iterator[Finding]:
        if self._drafted.to_crm and self._drafted.to_erp:
            return
        to_crm, to_erp = self._obstacles
        code = to_erp if self._drafted.to_crm else to_crm
        if code == "would_lose_data":
            sentence = _("%(field)s has no way back: the types of the fields would lose data that way.")
            yield self._finding("way_back", Severity.WARNING, sentence, _("Choose a CRM field of the same type."))
        elif code is None:
            stays = _("Edits of %(crm)s in the CRM stay there."), _("Edits of %(field)s in the ERP stay there.")
            advice = _("Choose the other direction too if they matter.")
            yield self._finding("way_back", Severity.HINT, stays[not self._drafted.to_crm], advice)

    def _lengths(self, crm: CrmField) -> Iterator[Finding]:
        if kind_of(FieldType(self._field.type)) is not Kind.TEXT or crm.kind is not Kind.TEXT:
            return
        room = {"erp_room": self._field.max_length, "crm_room": crm.max_length}
        if self._drafted.to_erp and (severity := _narrowing(crm.max_length, self._field.max_length)):
            sentence = _(
                "%(field)s takes %(erp_room)s characters in the ERP; longer texts of the CRM do not get there."
            )
            yield self._finding("length", severity, sentence, **room)
        if self._drafted.to_crm and (severity := _narrowing(self._field.max_length, crm.max_length)):
            sentence = _("%(crm)s takes %(crm_room)s characters in the CRM; longer texts of the ERP do not get there.")
            yield self._finding("length", severity, sentence, **room)

    def _types(self, crm: CrmField) -> Iterator[Finding]:
        erp = kind_of(FieldType(self._field.type))
        advice = _("Choose a CRM field of the same type, or correct such values where they are.")
        if self._drafted.to_crm and (values := _MISFITS.get((erp, crm.kind))):
            sentence = _("%(field)s: %(values)s do not get to the CRM.")
            yield self._finding(_code(erp, crm.kind), Severity.WARNING, sentence, advice, values=values)
        if self._drafted.to_erp and (values := _MISFITS.get((crm.kind, erp))):
            sentence = _("%(field)s: %(values)s do not get to the ERP.")
            yield self._finding(_code(erp, crm.kind), Severity.WARNING, sentence, advice, values=values)

    def _blanks(self, crm: CrmField) -> Iterator[Finding]:
        demanded = self._field.access == Access.MANDATORY
        if demanded and self._drafted.to_erp and not crm.mandatory and not has_default(self._field):
            sentence = _("%(field)s is mandatory in the ERP, and %(crm)s may be blank in the CRM.")
            advice = _("Set a default value, or ask the user.")
            yield self._finding("mandatory_blank", Severity.WARNING, sentence, advice)
        if crm.mandatory and self._drafted.to_crm and not demanded:
            sentence = _("%(crm)s is mandatory in the CRM, and %(field)s may be blank in the ERP.")
            yield self._finding("crm_blank", Severity.HINT, sentence, _("A blank does not replace the CRM's value."))

    def _items(self, crm: CrmField) -> Iterator[Finding]:
        items = self._drafted.items
        if not items:
            sentence, advice = _("The list items of %(field)s are not mapped."), _("Map at least one.")
            yield self._finding("list_mapping", Severity.BLOCKING, sentence, advice)
        texts = self._lists.get(self._field.list_name)
        if items and texts is not None and self._drafted.to_crm:
            yield from self._unmapped_in_erp(texts, [key for key in texts if key not in items])
        offered = crm_side().list_items(crm.list_key)
        if items and self._drafted.to_erp:
            yield from self._unmapped_in_crm([text for id_, text in offered.items() if id_ not in items.values()])
        if texts is not None:
            yield from self._many_to_one(texts, len(offered))

    def _unmapped_in_erp(self, texts: Mapping[str, str], without: Sequence[str]) -> Iterator[Finding]:
        if without:
            sentence = ngettext(
                "%(field)s: %(n)s of %(count)s ERP items is unmapped (%(some)s).",
                "%(field)s: %(n)s of %(count)s ERP items are unmapped (%(some)s).",
                len(without),
            )
            values = {"n": len(without), "count": len(texts), "some": _some([texts[key] for key in without])}
            advice = _("Map them, or records that have them are set aside.")
            yield self._finding("unmapped_erp", Severity.WARNING, sentence, advice, **values)

    def _unmapped_in_crm(self, without: Sequence[str]) -> Iterator[Finding]:
        if without:
            sentence = ngettext(
                "%(field)s: %(n)s CRM item goes to no ERP item (%(some)s).",
                "%(field)s: %(n)s CRM items go to no ERP item (%(some)s).",
                len(without),
            )
            advice = _("Records that have them are set aside.")
            values = {"n": len(without), "some": _some(without)}
            yield self._finding("unmapped_crm", Severity.WARNING, sentence, advice, **values)

    def _many_to_one(self, texts: Mapping[str, str], offered: int) -> Iterator[Finding]:
        """The mapping is one to one, so ERP items that mean the same can't share a CRM item (behaviour A9)."""
        same = [text for text, times in Counter(texts.values()).items() if times > 1]
        if same:
            sentence = _("%(field)s: the ERP has several items called %(some)s, and a CRM item goes with one only.")
            advice = _("Give them different names in the ERP, or add CRM items of different names.")
            yield self._finding("many_to_one", Severity.WARNING, sentence, advice, some=_some(same))
        elif self._drafted.to_crm and len(texts) > offered:
            sentence = _("%(field)s has %(count)s items in the ERP, and the CRM list has %(offered)s.")
            advice = _("Create the missing CRM items.")
            yield self._finding("many_to_one", Severity.WARNING, sentence, advice, count=len(texts), offered=offered)


def _not_fed(draft: Draft) -> Iterator[Finding]:
    """CRM fields that must have a value, and get none when a record is made by an import."""
    fed = {drafted.crm_key for drafted in draft.fields.values() if drafted.to_crm}
    for key, crm_field in draft.crm_fields.items():
        if crm_field.mandatory and key not in fed:
            sentence = _("%(crm)s is mandatory in the CRM, and no ERP field feeds it.")
            advice = _("Without it, no records can be imported.")
            names = {"crm": str(crm_field.label)}
            yield Finding("crm_mandatory", Severity.WARNING, sentence % names, advice, draft.actor.actor_type)


def _cache_key(field: FieldMapping) -> str:
    return f"erp-list/{field.actor.connection.guid}/{get_language()}/{quote(field.list_name, safe='')}"


def _narrowing(source: int, target: int) -> Severity | None:
    """How bad it is that texts of at most `source` characters go where there is room for `target`; 0 is no limit."""
    if not target or 0 < source <= target:
        return None
    return Severity.WARNING if source else Severity.HINT


def _code(one: Kind, other: Kind) -> str:
    return "date_time" if {one, other} == {Kind.DATE, Kind.DATETIME} else "type"


def _some(texts: Sequence[str]) -> str:
    """The first few of many."""
    return ", ".join(texts[:3]) + ("…" if len(texts) > 3 else "")
