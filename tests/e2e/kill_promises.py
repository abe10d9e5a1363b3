"""What people did to an installation, and the promises of docs/promises.md checked by what its commands print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.e2e.killing import Brygga, Editor, Erp

CRM_FIELD = {"NAME": "NAME", "CITY": "POSTALCITY", "PHONE": "PHONE", "CODE": "NUMBER1"}
"""The CRM field of each ERP field."""
BOTH = ("NAME", "CITY")
TO_ERP, TO_CRM = "PHONE", "CODE"
OVERRULING = {"conflict_crm_wins", "conflict_erp_wins", "one_way_crm_wins", "one_way_erp_wins"}


@dataclass(frozen=True)
class Edit:
    """A value that a person entered on a side ("crm" or "erp"); `field` is the ERP's name of it."""

    side: str
    record_id: int
    field: str
    value: str


class Office:
    """An installation, its ERP, and the people who edit on both sides; remembers what they entered."""

    def __init__(self, brygga: Brygga, erp: Erp, editor: Editor) -> None:
        self.brygga = brygga
        self.erp = erp
        self.edits: list[Edit] = []
        self.ids: dict[str, int] = {}
        """The companies by ERP key."""
        self._editor = editor

    def links(self) -> Any:
        """The links as the command line lists them."""
        return self.brygga.read("link", "list")

    def learn_links(self) -> None:
        """Ask which company is which customer."""
        self.ids = {link["erp_key"]: link["record"] for link in self.links()}

    def create(self, **fields: str) -> int:
        """A person makes a company."""
        record_id = self._editor.create(**fields)
        names = {crm: erp for erp, crm in CRM_FIELD.items()}
        self.edits += [Edit("crm", record_id, names[field], value) for field, value in fields.items()]
        return record_id

    def edit_crm(self, number: int, field: str) -> None:
        """A person gives a company's field a value that there never was before."""
        edit = Edit("crm", self.ids[str(number)], field, f"crm {len(self.edits)}")
        self._editor.edit(edit.record_id, **{CRM_FIELD[field]: edit.value})
        self.edits.append(edit)

    def edit_erp(self, number: int, field: str) -> None:
        """The same in the ERP."""
        edit = Edit("erp", self.ids[str(number)], field, f"erp {len(self.edits)}")
        self.erp.edit((str(number), field, edit.value))
        self.edits.append(edit)


class Rest:
    """All that can be seen when everything is at rest."""

    def __init__(self, office: Office) -> None:
        self.edits = office.edits
        state = office.erp.state()
        self.customers: dict[str, dict[str, str]] = state["customers"]
        self.created: list[str] = state["created"]
        self.written: list[tuple[str, str, str, str]] = [tuple(line) for line in state["written"]]
        self.links = office.links()
        self.log = office.brygga.read("log")
        self.connection = office.brygga.read("status")["connections"][0]
        self.companies: dict[int, dict[str, str | None]] = {
            record["id"]: record["fields"] for record in office.brygga.read("record", "list", "company")
        }
        self.keys: dict[int, str] = {link["record"]: link["erp_key"] for link in self.links}

    def value(self, side: str, record_id: int, field: str) -> str:
        """What stands on a side now, empty for a blank or for no customer."""
        if side == "crm":
            return self.companies[record_id][CRM_FIELD[field]] or ""
        return self.customers.get(self.keys.get(record_id, ""), {}).get(field, "")

    @cached_property
    def lines(self) -> dict[tuple[int, str], list[Any]]:
        """The lines of the log by record and ERP field."""
        found: dict[tuple[int, str], list[Any]] = {}
        for line in self.log:
            found.setdefault((line["record"], line["erp_field"]), []).append(line)
        return found


def broken(office: Office) -> list[str]:
    """What promises are broken, a sentence each."""
    rest = Rest(office)
    checks = (_no_edit_lost, _sides_agree, _nothing_doubled, _one_way, _all_logged)
    return [f"{check.__doc__}: {what}" for check in checks for what in check(rest)]


def _no_edit_lost(rest: Rest) -> Iterator[str]:
    """I1"""
    last = {(edit.side, edit.record_id, edit.field): edit for edit in rest.edits}
    for edit in last.values():
        if rest.value(edit.side, edit.record_id, edit.field) != edit.value and not _told(rest, edit):
            yield f"{edit} was lost"


def _told(rest: Rest, edit: Edit) -> bool:
    """Whether the log tells who overwrote an edit: as the loser of a conflict, or after it had reached the others."""
    lines = rest.lines.get((edit.record_id, edit.field), [])
    reached = any(line["new"] == edit.value and line["target"] != edit.side for line in lines)
    over = [line for line in lines if line["old"] == edit.value and line["target"] == edit.side]
    return any(line["rule"] in OVERRULING or reached for line in over)


def _sides_agree(rest: Rest) -> Iterator[str]:
    """I2"""
    if rest.connection["failure"]:
        yield f"the connection failed: {rest.connection['failure']}"
    one_sided = {(edit.record_id, edit.field) for edit in rest.edits if (edit.side, edit.field) == ("erp", TO_ERP)}
    for link in rest.links:
        if link["state"] != "ok":
            yield f"{link} is not in order"
        for field in CRM_FIELD:
            crm, erp = (rest.value(side, link["record"], field) for side in ("crm", "erp"))
            if crm != erp and (link["record"], field) not in one_sided:
                yield f"company {link['record']}, {field}: CRM has {crm!r}, ERP {erp!r}"


def _nothing_doubled(rest: Rest) -> Iterator[str]:
    """I3"""
    for records in (rest.links, rest.companies, rest.keys):
        if len(records) != len(rest.customers):
            yield f"{len(rest.customers)} customers, and {len(records)} links or companies"
    if set(rest.keys) != set(rest.companies) or set(rest.keys.values()) != set(rest.customers):
        yield "not each company has a customer of its own"


def _one_way(rest: Rest) -> Iterator[str]:
    """I4"""
    for line in rest.log:
        wrong_way = {TO_ERP: "crm", TO_CRM: "erp"}.get(line["erp_field"])
        if line["target"] == wrong_way:
            yield f"flowed the wrong way: {line}"
    for key, field, _old, new in rest.written:
        if field == TO_CRM:
            yield f"customer {key}: {new!r} was written to {field}"
    entered = {edit.value for edit in rest.edits if (edit.side, edit.field) == ("erp", TO_ERP)}
    for record_id in rest.keys:
        if rest.value("crm", record_id, TO_ERP) in entered:
            yield f"company {record_id}: {TO_ERP} came from the ERP"


def _all_logged(rest: Rest) -> Iterator[str]:
    """I5"""
    logged = Counter(
        (line["erp_key"], line["erp_field"], line["old"] or "", line["new"] or "")
        for line in rest.log
        if line["target"] == "erp"
    )
    for written, times in Counter(rest.written).items():
        if logged[written] < times:
            yield f"{written} was written and is not in the log"
    for key in rest.created:
        if not any(line["rule"] == "created" and line["erp_key"] == key for line in rest.log):
            yield f"customer {key} was created, and the log does not say so"
    entered = {(edit.record_id, edit.field, edit.value) for edit in rest.edits if edit.side == "crm"}
    for record_id in rest.companies:
        for field in CRM_FIELD:
            value = rest.value("crm", record_id, field)
            logged_here = (x["new"] for x in rest.lines.get((record_id, field), []) if x["target"] == "crm")
            if value and (record_id, field, value) not in entered and value not in logged_here:
                yield f"company {record_id}: {field} = {value!r} came from nowhere"
