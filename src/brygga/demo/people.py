"""The demo's companies, people and projects, put together from `words`; the same at every call with the same seed."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from brygga.demo.words import Country

_FIRST_DAY = date(2012, 1, 2)
_BORN = date(1962, 3, 1)


@dataclass(frozen=True)
class Company:
    """A company as any system may know it."""

    country: str
    name: str
    vat: str
    phone: str
    domain: str
    street: str
    zip: str
    city: str
    since: date


@dataclass(frozen=True)
class Person:
    """A person at a company."""

    first: str
    last: str
    email: str
    mobile: str
    born: date


class Maker:
    """Makes companies without ever making two of one name."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._names: dict[str, Iterator[tuple[str, str]]] = {}

    def company(self, country: Country) -> Company:
        """The next company of a country."""
        stem, trade = next(self._names.setdefault(country.code, self._shuffled(country)))
        zip_, city = self.random.choice(country.cities)
        return Company(
            country.code,
            f"{stem} {trade} {self.random.choice(country.forms)}",
            self._vat(country.code),
            self._phone(country),
            f"{_ascii(stem)}-{_ascii(trade)}.example",
            self._street(country),
            zip_,
            city,
            _FIRST_DAY + timedelta(days=self.random.randrange(4500)),
        )

    def person(self, country: Country, company: Company) -> Person:
        """Somebody who works at a company."""
        first, last = self.random.choice(country.first_names), self.random.choice(country.last_names)
        email = f"{_ascii(first)}.{_ascii(last)}@{company.domain}"
        return Person(first, last, email, self._phone(country), _BORN + timedelta(days=self.random.randrange(14000)))

    def _shuffled(self, country: Country) -> Iterator[tuple[str, str]]:
        pairs = list(product(country.stems, country.trades))
        self.random.shuffle(pairs)
        return iter(pairs)

    def _street(self, country: Country) -> str:
        street, number = self.random.choice(country.streets), self.random.randrange(1, 120)
        return f"{street} {number}"

    def _phone(self, country: Country) -> str:
        digits = self._digits(country.digits - 1)
        return f"{country.phone} {self.random.randrange(2, 9)}{digits[:2]} {digits[2:5]} {digits[5:]}".strip()

    def _digits(self, count: int) -> str:
        return "".join(str(self.random.randrange(10)) for _ in range(count))

    def _vat(self, code: str) -> str:
        """A VAT number of the country's form; the check digit of Swedish ones is right."""
        match code:
            case "SE":
                number = f"556{self._digits(6)}"
                return f"SE{number}{_luhn(number)}01"
            case "NO":
                return f"NO9{self._digits(8)}MVA"
            case "DK":
                return f"DK{self.random.randrange(1, 9)}{self._digits(7)}"
            case "DE":
                return f"DE{self.random.randrange(1, 9)}{self._digits(8)}"
            case _:
                return f"NL8{self._digits(8)}B01"


def _luhn(number: str) -> int:
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(number))
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


def _ascii(text: str) -> str:
    """The text as it stands in an e-mail address."""
    for letter, instead in (("ø", "o"), ("Ø", "O"), ("æ", "ae"), ("Æ", "AE"), ("ß", "ss"), (" ", "")):
        text = text.replace(letter, instead)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
