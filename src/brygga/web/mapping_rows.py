"""The rows of the mappings dialog: what a form chose, and what the dialog shows of it (behaviour A7, G6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldType
from brygga.contract.localised import text_for
from brygga.crm.fields import RecordType
from brygga.erp.services import checking, mapping
from brygga.erp.services.actor_mapping import Draft, DraftField, FieldChoice
from brygga.erp.services.checking import Finding, Severity
from brygga.merge import Policy, kind_of
from brygga.web.actor_types import actor_label
from brygga.web.templatetags.alike import Row

POLICIES: Mapping[Policy, Any] = {
    Policy.PRIORITY: gettext_lazy("By sync priority"),
    Policy.CRM: gettext_lazy("The CRM wins"),
    Policy.ERP: gettext_lazy("The ERP wins"),
    Policy.NEWEST: gettext_lazy("The newest edit wins"),
    Policy.ASK: gettext_lazy("Ask"),
}
"""How a conflict is settled, in words (behaviour E2)."""


class Look(NamedTuple):
    """What decides how the row of an ERP field looks."""

    is_marked: bool
    marks: tuple[str, ...]
    is_key: bool
    in_search: bool
    in_tab: bool
    to_crm: bool
    to_erp: bool
    policy: str


class Texts(NamedTuple):
    """What the row of an ERP field says; `no_crm` and `no_erp` say why a direction is not available.

    `find` is what the row is found by. `options` names the list of CRM fields on offer. `bad` and `warn` are the
    remarks that block and those that warn. `query` marks the field in the list mapping; empty for one that has none.
    """

    id: str
    label: str
    description: str
    find: str
    no_crm: str
    no_erp: str
    crm_text: str
    options: str
    bad: tuple[str, ...]
    warn: tuple[str, ...]
    fault: str
    query: str


@dataclass
class Panel:
    """The tab of an actor type. `wrong` holds what was typed for CRM fields that are none, and why, by id of field.

    `marked` is the key of an ERP field that is to stand out.
    """

    draft: Draft
    marked: str = ""
    wrong: dict[int, tuple[str, str]] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)
    lists: checking.Lists = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The id of the actor type."""
        return self.draft.actor.pk

    @property
    def actor(self) -> str:
        """The actor type in words."""
        return actor_label(self.draft.actor.actor_type)

    @property
    def entity(self) -> str:
        """The kind of CRM record in words; empty for an actor type that has none."""
        kind = self.draft.actor.record_type
        return RecordType(kind).label if kind else ""

    @cached_property
    def findings(self) -> list[Finding]:
        """What the checker says; asked for once all is in the draft."""
        return checking.check_draft(self.draft, self.lists)

    @property
    def options(self) -> dict[str, list[str]]:
        """The CRM fields on offer, by the id of the list in which they stand: those that fit go together."""
        names = crm_names(self.draft)
        groups = {_options_id(self.draft, drafted): drafted.field for drafted in self.draft.fields.values()}
        return {id_: [names[key] for key in self.draft.fitting(one)] for id_, one in groups.items()}

    @property
    def policies(self) -> list[tuple[str, str]]:
        """The ways to settle a conflict, that of the connection first."""
        return [("", _("As the connection")), *((policy, str(text)) for policy, text in POLICIES.items())]

    def rows(self) -> list[Row]:
        """The rows, by rank."""
        names, notes = crm_names(self.draft), _by_field(self.findings)
        return [self._row(drafted, names, notes) for drafted in self.draft.fields.values()]

    def _row(self, drafted: DraftField, names: Mapping[str, str], notes: Mapping[str, Sequence[Finding]]) -> Row:
        look = Look(
            is_marked=drafted.field.key == self.marked,
            marks=_marks(drafted, self.draft),
            is_key=mapping.is_key(drafted.field, drafted.crm_key),
            in_search=drafted.show_in_search,
            in_tab=drafted.show_in_tab,
            to_crm=drafted.to_crm,
            to_erp=drafted.to_erp,
            policy=drafted.policy,
        )
        return Row(look, self._texts(drafted, names, notes.get(drafted.field.key, ())))

    def _texts(self, drafted: DraftField, names: Mapping[str, str], notes: Sequence[Finding]) -> Texts:
        erp, label = drafted.field, drafted.label
        typed, wrong = self.wrong.get(erp.pk, ("", ""))
        no_crm, no_erp = self.draft.reasons(drafted)
        return Texts(
            id=str(erp.pk),
            label=label,
            description=text_for(erp.description, get_language() or "en"),
            find=f"{label} {erp.key}".lower(),
            no_crm=no_crm,
            no_erp=no_erp,
            crm_text=typed or names.get(drafted.crm_key, drafted.crm_key),
            options=_options_id(self.draft, drafted),
            bad=tuple(note.text for note in notes if note.severity is Severity.BLOCKING),
            warn=tuple(note.text for note in notes if note.severity is Severity.WARNING),
            fault=wrong or self.faults.get(erp.pk, ""),
            query=self._items_query(drafted),
        )

    def _items_query(self, drafted: DraftField) -> str:
        """A list whose CRM field is stored has items to map."""
        if drafted.field.type != FieldType.LIST or not drafted.crm_key or drafted.crm_key != drafted.field.crm_key:
            return ""
        return urlencode({"actor": self.draft.actor.actor_type, "field": drafted.field.key})


def take_over(data: QueryDict, draft: Draft) -> dict[int, tuple[str, str]]:
    """Put what was chosen in the form into a draft; what names no CRM field that fits is given back with the reason."""
    wrong: dict[int, tuple[str, str]] = {}
    draft.sync = f"sync-{draft.actor.pk}" in data
    keys = {text.casefold(): key for key, text in crm_names(draft).items()}
    for pk, drafted in draft.fields.items():
        typed = data.get(f"crm-{pk}")
        if typed is None:
            continue
        key, why = _crm_key(draft, drafted, typed.strip(), keys)
        if why:
            wrong[pk] = (typed, why)
        draft.choose(_choice(data, pk, key))
    return wrong


def let_go(draft: Draft) -> None:
    """Switch off the directions that a newly chosen CRM field does not have."""
    for drafted in draft.fields.values():
        if drafted.crm_key != drafted.field.crm_key:
            to_crm, to_erp = draft.obstacles(drafted)
            drafted.to_crm, drafted.to_erp = drafted.to_crm and not to_crm, drafted.to_erp and not to_erp


def crm_names(draft: Draft) -> dict[str, str]:
    """The CRM fields by name; those that share a name are told apart by their key."""
    labels = {key: str(crm_field.label) for key, crm_field in draft.crm_fields.items()}
    times = Counter(label.casefold() for label in labels.values())
    return {key: f"{label} ({key})" if times[label.casefold()] > 1 else label for key, label in labels.items()}


def _crm_key(draft: Draft, drafted: DraftField, typed: str, keys: Mapping[str, str]) -> tuple[str, str]:
    """The CRM field that was typed, or why there is none."""
    stored = drafted.field.crm_key
    if not typed or typed == stored:
        return typed, ""
    key = keys.get(typed.casefold())
    if key is None:
        return "", _("The CRM has no field of this name. Choose one of the list.")
    if key != stored and key not in draft.fitting(drafted.field):
        return "", _("The types of the fields do not go together. Choose one of the list.")
    return key, ""


def _choice(data: QueryDict, pk: int, crm_key: str) -> FieldChoice:
    policy = data.get(f"policy-{pk}", "")
    return FieldChoice(
        field_id=pk,
        crm_key=crm_key,
        to_crm=bool(crm_key) and f"in-{pk}" in data,
        to_erp=bool(crm_key) and f"out-{pk}" in data,
        show_in_tab=f"tab-{pk}" in data,
        show_in_search=f"search-{pk}" in data,
        policy=policy if policy in set(Policy) else "",
    )


def _marks(drafted: DraftField, draft: Draft) -> tuple[str, ...]:
    erp, marks = drafted.field, []
    if erp.missing:
        marks.append(_("missing in ERP"))
    if drafted.crm_key and drafted.crm_key not in draft.crm_fields:
        marks.append(_("missing in CRM"))
    if erp.access == Access.MANDATORY:
        marks.append(_("mandatory"))
    if erp.access == Access.READ_ONLY:
        marks.append(_("read-only"))
    return tuple(marks)


def _options_id(draft: Draft, drafted: DraftField) -> str:
    """Fields of one kind and access fit the same CRM fields; a field that is missing fits none."""
    erp = drafted.field
    kind = "none" if erp.missing else f"{kind_of(FieldType(erp.type))}-{int(erp.access == Access.READ_ONLY)}"
    return f"crm-fields-{draft.actor.pk}-{kind}"


def _by_field(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.field_key, []).append(finding)
    return found
