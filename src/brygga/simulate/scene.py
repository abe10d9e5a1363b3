"""The scene of every schedule: which ERPs there are, how their fields are mapped, which records are linked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services import records, user_fields
from brygga.erp.configuration import apply
from brygga.erp.models import Connection, FieldMapping, SyncSettings
from brygga.erp.services import linking
from brygga.merge import Policy
from brygga.merge.values import Kind
from brygga.simulate.erp import SimulatedErp
from brygga.simulate.steps import Record

COMPANY, CONTACT = RecordType.COMPANY, RecordType.CONTACT
ACTOR_TYPES = {COMPANY: ActorType.CUSTOMER, CONTACT: ActorType.PERSON}
NAMES = {COMPANY: "NAME", CONTACT: "LASTNAME"}
"""The CRM field that names a record; the ERPs call theirs the same."""

COMPANIES = 6
LINKED = 4
"""The first companies are linked in every ERP; the others are there to be created."""
HOMES: Mapping[int, int] = {1: 1, 2: 2, 3: 1, 4: 2, 5: 5}
"""The contacts and the companies that they belong to."""
LINKED_CONTACTS = 3

POLICIES = tuple(str(policy) for policy in Policy)

# A CRM field is fed by one ERP at most (behaviour A7), so each ERP owns what others only receive.
_MAPPED: Mapping[str, Mapping[RecordType, Mapping[str, tuple[str, str]]]] = {
    "North": {
        COMPANY: {
            "NAME": ("NAME", "both"),
            "CITY": ("POSTALCITY", "both"),
            "PHONE": ("PHONE", "to_erp"),
            "CODE": ("NUMBER1", "to_crm"),
            "CREDIT": ("x:credit", "both"),
        },
        CONTACT: {
            "LASTNAME": ("LASTNAME", "both"),
            "MOBILE": ("PHONE_MOBILE", "to_erp"),
            "EMAIL": ("EMAIL", "both"),
        },
    },
    "South": {
        COMPANY: {
            "NAME": ("NAME", "to_erp"),
            "CITY": ("POSTALCITY", "to_erp"),
            "PHONE": ("PHONE", "both"),
            "CODE": ("NUMBER2", "both"),
            "CREDIT": ("x:credit", "to_erp"),
        },
        CONTACT: {
            "LASTNAME": ("LASTNAME", "to_erp"),
            "MOBILE": ("PHONE_MOBILE", "both"),
        },
    },
    "West": {
        COMPANY: {
            "NAME": ("NAME", "to_erp"),
            "CITY": ("DEPARTMENT", "both"),
            "PHONE": ("PHONE", "to_erp"),
            "CODE": ("NUMBER2", "to_erp"),
        },
    },
}
CRM_KEYS: Mapping[RecordType, Sequence[str]] = {
    COMPANY: ("NAME", "POSTALCITY", "PHONE", "NUMBER1", "NUMBER2", "DEPARTMENT", "x:credit"),
    CONTACT: ("LASTNAME", "PHONE_MOBILE", "EMAIL"),
}


def mapped(erp: str, record_type: RecordType) -> Mapping[str, tuple[str, str]]:
    """ERP field key to CRM field key and direction, of an ERP; empty for what it does not have."""
    return _MAPPED[erp].get(record_type, {})


def has_contacts(erp: str) -> bool:
    """Whether persons of this ERP are synced."""
    return CONTACT in _MAPPED[erp]


def build(erps: Mapping[str, SimulatedErp]) -> tuple[dict[Record, int], dict[tuple[str, Record], str]]:
    """Configure the ERPs, make the records, link the first ones; returns record ids, and ERP keys by ERP."""
    user_fields.define_field(COMPANY, "credit", "Credit", Kind.DOUBLE)
    apply(_configuration(list(erps)))
    ids: dict[Record, int] = {}
    for number in range(1, COMPANIES + 1):
        ids[Record(COMPANY, number)] = _made(Record(COMPANY, number))
    for number, home in HOMES.items():
        ids[Record(CONTACT, number)] = _made(Record(CONTACT, number), ids[Record(COMPANY, home)])
    keys: dict[tuple[str, Record], str] = {}
    for name, erp in erps.items():
        for record in _linked(name):
            parent = keys[name, Record(COMPANY, HOMES[record.number])] if record.type is CONTACT else ""
            key = keys[name, record] = erp.add(ACTOR_TYPES[record.type], parent, **{NAMES[record.type]: str(record)})
            what = (str(record.type), ids[record], str(ACTOR_TYPES[record.type]))
            linking.connect(connection_of(name), *what, key, "crm", "setup")
    return ids, keys


def _made(record: Record, parent: int | None = None) -> int:
    return records.create_record(record.type, {NAMES[record.type]: str(record)}, "setup", parent).id


def _linked(erp: str) -> Iterable[Record]:
    yield from (Record(COMPANY, number) for number in range(1, LINKED + 1))
    if has_contacts(erp):
        yield from (Record(CONTACT, number) for number in range(1, LINKED_CONTACTS + 1))


def settle_by(policy: str, own: Iterable[tuple[str, str, str]], crm_first: bool) -> None:
    """Set how conflicts are settled; `own` has fields with a policy of their own: ERP, field key, policy."""
    Connection.objects.update(policy=policy)
    for erp, field, of_field in own:
        FieldMapping.objects.filter(actor__connection__connector__name=erp, key=field).update(policy=of_field)
    settings = SyncSettings.load()
    settings.crm_priority = 0 if crm_first else 100
    settings.save()


def connection_of(erp: str) -> Connection:
    """The connection to an ERP."""
    return Connection.objects.select_related("connector").get(connector__name=erp)


def _configuration(erps: Sequence[str]) -> str:
    lines = ["connectors:", *(f'  - {{name: {erp}, url: "plugin://{erp}"}}' for erp in erps), "connections:"]
    for erp in erps:
        lines += [
            f"  - name: {erp}",
            f"    connector: {erp}",
            "    active: true",
            "    scope: everyone",
            "    actors:",
            *(f"      {ACTOR_TYPES[kind]}: {{sync: true, fields: {_fields(erp, kind)}}}" for kind in _MAPPED[erp]),
        ]
    return "\n".join(lines)


def _fields(erp: str, record_type: RecordType) -> str:
    fields = mapped(erp, record_type).items()
    return "{" + ", ".join(f'{key}: {{crm: "{crm}", direction: {way}}}' for key, (crm, way) in fields) + "}"
