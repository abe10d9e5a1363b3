"""What the sample ERP holds: its fields, its lists, and some sixty actors with names from many countries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from brygga.contract import Access, ActorType, ErpActor, FieldMetadata, FieldType
from brygga.contract.values import encode

COMPANIES = "Companies"
LISTS: dict[str, dict[str, str]] = {
    COMPANIES: {"N": 'US:"Northern Trading";NO:"Nordhandel"', "S": 'US:"Southern Trading";NO:"Sørhandel"'},
    "Groups": {
        "1": 'US:"Retail";SW:"Detaljhandel"',
        "2": 'US:"Industry";SW:"Industri"',
        "3": 'US:"Farming";SW:"Lantbruk"',
        "4": 'US:"Transport";SW:"Transport"',
        "Ö": "Public & other",
    },
    "Currencies": {"EUR": "Euro", "NOK": "Norwegian krone", "SEK": "Swedish krona"},
    "Statuses": {"open": 'US:"Open";DA:"Åben"', "held": 'US:"On hold";DA:"Sat i bero"', "done": "Done"},
}


def _supplier_fields() -> list[FieldMetadata]:
    return [
        FieldMetadata("Name", 'US:"Name";NO:"Navn";FI:"Nimi"', max_length=80, access=Access.MANDATORY, rank=1),
        FieldMetadata("City", 'US:"City";NO:"Poststed"', max_length=40, rank=2),
        FieldMetadata("Currency", 'US:"Currency";NO:"Valuta"', type=FieldType.LIST, list_name="Currencies", rank=3),
    ]


def _customer_fields() -> list[FieldMetadata]:
    return [
        FieldMetadata("Name", 'US:"Name";NO:"Navn";FI:"Nimi"', max_length=80, access=Access.MANDATORY, rank=1),
        FieldMetadata("Number", 'US:"Number";NO:"Nummer"', access=Access.READ_ONLY, rank=2),
        FieldMetadata("City", 'US:"City";NO:"Poststed"', max_length=40, rank=3),
        FieldMetadata("Note", 'US:"Note";NO:"Notat"', "Free text of any length, with line ends.", rank=4),
        FieldMetadata("Group", 'US:"Group";NO:"Gruppe"', type=FieldType.LIST, list_name="Groups", default="1", rank=5),
        FieldMetadata("Currency", 'US:"Currency";NO:"Valuta"', type=FieldType.LIST, list_name="Currencies", rank=6),
        FieldMetadata("Blocked", 'US:"Blocked";NO:"Sperret"', type=FieldType.CHECKBOX, rank=7),
        FieldMetadata("PaymentDays", 'US:"Days to pay";NO:"Betalingsfrist"', type=FieldType.INTEGER, rank=8),
        FieldMetadata("CreditLimit", 'US:"Credit limit";NO:"Kredittgrense"', type=FieldType.DOUBLE, rank=9),
        FieldMetadata("LastOrder", 'US:"Last order";NO:"Siste ordre"', type=FieldType.DATETIME, rank=10),
    ]


FIELDS: dict[ActorType, list[FieldMetadata]] = {
    ActorType.CUSTOMER: _customer_fields(),
    ActorType.SUPPLIER: _supplier_fields(),
    ActorType.PERSON: [
        FieldMetadata("FirstName", 'US:"First name";NO:"Fornavn"', max_length=50, rank=1),
        FieldMetadata("LastName", 'US:"Last name";NO:"Etternavn"', max_length=50, access=Access.MANDATORY, rank=2),
        FieldMetadata("Email", 'US:"E-mail";NO:"E-post"', max_length=120, rank=3),
        FieldMetadata("Newsletter", 'US:"Newsletter";NO:"Nyhetsbrev"', type=FieldType.CHECKBOX, rank=4),
        FieldMetadata("Born", 'US:"Born";NO:"Født"', type=FieldType.DATETIME, rank=5),
    ],
    ActorType.PROJECT: [
        FieldMetadata("Title", 'US:"Title";NO:"Tittel"', max_length=80, access=Access.MANDATORY, rank=1),
        FieldMetadata("Status", 'US:"Status"', type=FieldType.LIST, list_name="Statuses", default="open", rank=2),
        FieldMetadata("Hours", 'US:"Hours";NO:"Timer"', type=FieldType.INTEGER, rank=3),
        FieldMetadata("Budget", 'US:"Budget";NO:"Budsjett"', type=FieldType.DOUBLE, rank=4),
        FieldMetadata("Starts", 'US:"Starts";NO:"Starter"', type=FieldType.DATETIME, rank=5),
    ],
}
"""The fields by actor type, each list by rank."""

_PLACES = [
    "Ås",
    "Malmö",
    "Århus",
    "Gdańsk",
    "Praha",
    "Reykjavík",
    "A Coruña",
    "Αθήνα",
    "Київ",
    "東京",
    "Bergen",
    "Oulu",
]
_TRADES = ["Fisk & Vilt", "Möbler", "Båtar", "Sklep", "Tools <24h>", '"Best" Bakery', "O'Neill Paints", "Bürobedarf"]
_FIRST_NAMES = ["Åse", "Björn", "Chloë", "Łukasz", "Νίκη", "Олена", "花子", "Jürgen", "Siobhán", "Zoë", "Ana María"]
_LAST_NAMES = ["Østby", "Ängström", "D'Arcy", "Wójcik", "Παππά", "Шевчук", "山田", "Müller", "Ní Bhriain", "Dvořák"]
_NOTES = ["", "Ring før levering.", "Zeile eins\nZeile zwei", "5 < 7 & 7 > 5", "🚚 kör på baksidan", "\tindented\nnote"]
_GROUPS = [*LISTS["Groups"], ""]
_CURRENCIES = [*LISTS["Currencies"], ""]
_STATUSES = list(LISTS["Statuses"])
_OPENED = datetime(2021, 3, 1, 8, 15)


def actors(company: str) -> Iterator[ErpActor]:
    """The actors of a company, with keys and without stamps: 24 customers, 10 suppliers, 22 persons, 6 projects."""
    for place in range(24):
        yield ErpActor(ActorType.CUSTOMER, f"{company}{1000 + place}", fields=_customer(company, 1000 + place))
    for place in range(10):
        yield ErpActor(ActorType.SUPPLIER, f"{company}{2000 + place}", fields=_supplier(company, 2000 + place))
    for place in range(22):
        yield _person(company, place)
    for place in range(6):
        yield ErpActor(ActorType.PROJECT, f"{company}{4000 + place}", fields=_project(place))


def _supplier(company: str, number: int) -> dict[str, str]:
    return {
        "Name": f"{_pick(_PLACES, number)} {_pick(_TRADES, number // 3)} {company}",
        "City": _pick(_PLACES, number),
        "Currency": _pick(_CURRENCIES, number // 2),
    }


def _customer(company: str, number: int) -> dict[str, str]:
    return _supplier(company, number) | {
        "Number": str(number),
        "Note": _pick(_NOTES, number),
        "Group": _pick(_GROUPS, number),
        "Blocked": encode(number % 5 == 0),
        "PaymentDays": "" if number % 7 == 0 else encode(number % 4 * 10),
        "CreditLimit": "" if number % 6 == 0 else encode(number % 9 * 1250.75),
        "LastOrder": "" if number % 8 == 0 else encode(_OPENED + number % 13 * timedelta(days=41, hours=5, minutes=7)),
    }


def _person(company: str, place: int) -> ErpActor:
    """Two of three work for a customer, the others for a supplier."""
    parent = ActorType.SUPPLIER if place % 3 == 0 else ActorType.CUSTOMER
    parent_key = f"{company}{(2000 if parent is ActorType.SUPPLIER else 1000) + place % 10}"
    fields = {
        "FirstName": _pick(_FIRST_NAMES, place),
        "LastName": _pick(_LAST_NAMES, place),
        "Email": "" if place % 5 == 0 else f"person{place}@example.org",
        "Newsletter": encode(place % 2 == 0),
        "Born": "" if place % 4 == 0 else encode((_OPENED - place * timedelta(days=777)).date()),
    }
    return ErpActor(ActorType.PERSON, f"{company}{3000 + place}", "", parent, parent_key, fields)


def _project(place: int) -> dict[str, str]:
    return {
        "Title": f"{_pick(_TRADES, place)} – phase {place + 1}",
        "Status": _pick(_STATUSES, place),
        "Hours": encode(40 * place - 20),
        "Budget": encode(place * 9999.5),
        "Starts": encode(_OPENED + timedelta(days=30 * place)),
    }


def _pick(values: list[str], place: int) -> str:
    return values[place % len(values)]
