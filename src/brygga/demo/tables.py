"""The tables of a demo ERP: actors, lists and the description of their fields, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from brygga.demo.people import Company, Maker
from brygga.demo.words import Country

Row = Sequence[Any]

PROSPECT = "9"
"""The customer group of companies that are in the ERP only: the demo leaves them to be imported or connected."""

GROUPS = {"1": "Retail", "2": "Industry", "3": "Services", "4": "Public sector", PROSPECT: "Prospect"}
TERMS = {"10": "10 days net", "20": "20 days net", "30": "30 days net", "60": "60 days net", "0": "Cash"}
COUNTRIES = {"SE": "Sweden", "NO": "Norway", "DK": "Denmark", "DE": "Germany", "NL": "Netherlands"}
POSITIONS = {"MD": "Managing director", "FIN": "Finance", "PUR": "Purchasing", "SAL": "Sales", "LOG": "Logistics"}

_ADDRESS = ("PHONE", "EMAIL", "URL", "POSTALAD1", "POSTALZIP", "POSTALCITY", "COUNTRY")
_COMPANY = ("ID", "LastModified", "NAME", "NUMBER2", "VATNO", *_ADDRESS, "PAYTERM")
_CUSTOMER = (*_COMPANY, "CUSTGR", "CREDIT", "BLOCKED", "SINCE")
_SUPPLIER = (*_COMPANY, "LEADTIME")
_PERSON = (
    "ID", "LastModified", "ParentType", "ParentID", "FIRSTNAME", "LASTNAME", "EMAIL", "PHONE_MOBILE", "POSITION",
    "BIRTHDATE",
)  # fmt: skip
_PROJECT = ("ID", "LastModified", "NAME", "NUMBER", "TEXT", "ENDDATE", "BUDGET")

_NAMES = {
    "NAME": 'US:"Name";SW:"Namn";NO:"Navn";DA:"Navn";GE:"Name";NL:"Naam"',
    "NUMBER2": 'US:"Customer number";SW:"Kundnummer";NO:"Kundenummer";DA:"Kundenummer";'
    'GE:"Kundennummer";NL:"Klantnummer"',
    "VATNO": 'US:"VAT number";SW:"Momsnummer";NO:"MVA-nummer";DA:"Momsnummer";GE:"USt-IdNr.";NL:"Btw-nummer"',
    "CUSTGR": 'US:"Customer group";SW:"Kundgrupp";NO:"Kundegruppe";DA:"Kundegruppe";GE:"Kundengruppe";NL:"Klantgroep"',
    "PAYTERM": 'US:"Payment term";SW:"Betalningsvillkor";NO:"Betalingsbetingelse";'
    'DA:"Betalingsbetingelse";GE:"Zahlungsbedingung";NL:"Betalingsvoorwaarde"',
    "CREDIT": 'US:"Credit limit";SW:"Kreditgräns";NO:"Kredittgrense";DA:"Kreditgrænse";'
    'GE:"Kreditlimit";NL:"Kredietlimiet"',
    "BLOCKED": 'US:"Blocked";SW:"Spärrad";NO:"Sperret";DA:"Spærret";GE:"Gesperrt";NL:"Geblokkeerd"',
    "SINCE": 'US:"Customer since";SW:"Kund sedan";NO:"Kunde siden";DA:"Kunde siden";GE:"Kunde seit";NL:"Klant sinds"',
}
_TYPES = {"CREDIT": "Double", "BUDGET": "Double", "LEADTIME": "Integer", "BLOCKED": "Checkbox"}
_TYPES |= dict.fromkeys(("SINCE", "BIRTHDATE", "ENDDATE"), "Date")
_LISTS = {"CUSTGR": "CustomerGroup", "PAYTERM": "PaymentTerm", "COUNTRY": "Country", "POSITION": "Position"}
_LENGTHS = {"NAME": 80, "POSTALZIP": 10, "POSTALAD1": 60, "PHONE": 30, "VATNO": 20}
_FIELD_COLUMNS = (
    "Sheet", "Field", "Name", "Type", "List", "Mandatory", "ReadOnly", "MaxLength", "Rank", "Search", "Default"
)  # fmt: skip
_SUBJECTS = ("New warehouse", "Web shop", "Annual agreement", "Service desk", "Energy audit", "Spare parts")


class Erp:
    """One demo ERP, filled row by row."""

    def __init__(self, maker: Maker, countries: Sequence[Country], first_key: int) -> None:
        self._maker, self._random = maker, maker.random
        self._countries = {country.code: country for country in countries}
        self._next_key = first_key
        self._stamp = datetime(2024, 1, 8, 8, 0)
        self.companies: list[Company] = []
        self._rows: dict[str, list[Row]] = {"Customer": [], "Supplier": [], "Person": [], "Project": []}

    def fill(
        self, customers: int, prospects: int, suppliers: int, projects: int = 0, shared: Sequence[Company] = ()
    ) -> None:
        """Add so many of each; `shared` are customers that another ERP has as well."""
        for number in range(customers + len(shared)):
            company = shared[number] if number < len(shared) else self._company()
            self._add_people("Customer", self._add_customer(company, self._random.choice("1234")), company)
        for _ in range(prospects):
            self._add_customer(self._company(), PROSPECT)
        for _ in range(suppliers):
            company = self._company()
            self._add_people("Supplier", self._add_supplier(company), company)
        for number in range(projects):
            self._add_project(number, self.companies[number])

    def sheets(self) -> dict[str, list[Row]]:
        """All tables by name, each with its head row."""
        heads = {"Customer": _CUSTOMER, "Supplier": _SUPPLIER, "Person": _PERSON, "Project": _PROJECT}
        actors = {name: [heads[name], *rows] for name, rows in self._rows.items() if rows}
        lists = {
            "CustomerGroup": _list(GROUPS),
            "PaymentTerm": _list(TERMS),
            "Country": _list(COUNTRIES),
            "Position": _list(POSITIONS),
        }
        return actors | lists | {"_fields": _fields({name: heads[name] for name in actors})}

    def _company(self) -> Company:
        company = self._maker.company(self._random.choice(list(self._countries.values())))
        self.companies.append(company)
        return company

    def _key(self) -> str:
        self._next_key += 1
        return str(self._next_key - 1)

    def _modified(self) -> str:
        self._stamp += timedelta(minutes=self._random.randrange(7, 240))
        return self._stamp.isoformat()

    def _add_customer(self, company: Company, group: str) -> str:
        key = self._key()
        credit = float(self._random.randrange(5, 200) * 1000)
        term, blocked = self._random.choice(list(TERMS)), self._random.random() < 0.03
        row = (key, self._modified(), company.name, key, company.vat, *_address(company))
        self._rows["Customer"].append((*row, term, group, credit, blocked, company.since))
        return key

    def _add_supplier(self, company: Company) -> str:
        key = self._key()
        row = (key, self._modified(), company.name, key, company.vat, *_address(company))
        self._rows["Supplier"].append((*row, self._random.choice(list(TERMS)), self._random.randrange(2, 40)))
        return key

    def _add_people(self, parent_type: str, parent_key: str, company: Company) -> None:
        country = self._countries.get(company.country) or next(iter(self._countries.values()))
        for position in self._random.sample(list(POSITIONS), self._random.choice((0, 1, 1, 1, 2, 2))):
            person = self._maker.person(country, company)
            self._rows["Person"].append(
                (
                    self._key(), self._modified(), parent_type, parent_key, person.first, person.last, person.email,
                    person.mobile, position, person.born,
                )
            )  # fmt: skip

    def _add_project(self, number: int, company: Company) -> None:
        subject, key = self._random.choice(_SUBJECTS), self._key()
        name = f"{subject}, {company.name}"
        end = date(2026, 1, 31) + timedelta(days=30 * number)
        text = f"{subject} for {company.name} in {company.city}."
        budget = float(25_000 * (number + 1))
        self._rows["Project"].append((key, self._modified(), name, f"P{1000 + number}", text, end, budget))


def _address(company: Company) -> Row:
    email, url = f"info@{company.domain}", f"https://www.{company.domain}"
    return (company.phone, email, url, company.street, company.zip, company.city, company.country)


def _list(items: dict[str, str]) -> list[Row]:
    return [("ID", "Text"), *items.items()]


def _fields(heads: dict[str, tuple[str, ...]]) -> list[Row]:
    rows: list[Row] = [_FIELD_COLUMNS]
    for sheet, head in heads.items():
        fields = [field for field in head if field not in ("ID", "LastModified", "ParentType", "ParentID")]
        for rank, field in enumerate(fields, 1):
            rows.append(
                (
                    sheet, field, _NAMES.get(field, field.replace("_", " ").capitalize()),
                    "List" if field in _LISTS else _TYPES.get(field, "Text"), _LISTS.get(field),
                    int(field in ("NAME", "LASTNAME")), int(field == "NUMBER2"), _LENGTHS.get(field), rank, 1, None,
                )
            )  # fmt: skip
    return rows
