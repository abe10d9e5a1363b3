"""How alike two records are, and why (behaviour U4, G5): pure functions on what identifies a company or a person.

Each kind of evidence counts by how hard it is to share by chance: a VAT number nearly settles it, an address hardly.
Evidence adds up as the chances of being wrong multiply, so it is 0 for nothing in common and stays below 1.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz


class Reason(StrEnum):
    """What two records have in common."""

    VAT = "vat"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a record, normalised by `identity`; each set holds all there is of its kind."""

    names: frozenset[str] = frozenset()
    vat: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are: 0 to 1, and why, the strongest reason first."""

    score: float
    reasons: tuple[Reason, ...] = ()


_KEYS = (
    "NAME FIRSTNAME MIDDLENAME LASTNAME VATNO EMAIL PHONE PHONE_DIRECT PHONE_PRIVATE PHONE_MOBILE PHONE_OTHER "
    "POSTALAD1 POSTALZIP POSTALCITY STREETAD1 STREETZIP STREETCITY"
)
KEYS = frozenset(_KEYS.split())
"""The CRM fields (behaviour F) that identify a record."""

_STRENGTHS = {Reason.VAT: 0.9, Reason.EMAIL: 0.75, Reason.PHONE: 0.7, Reason.NAME: 0.8, Reason.ADDRESS: 0.4}
_CONTRADICTED = 0.5
"""What is left of the score where both have a VAT number and the numbers differ."""
_TELLING = {Reason.NAME: 0.35, Reason.ADDRESS: 0.75}
"""The similarity from which it counts at all; what is compared whole is the same or is not."""
_SAME_WORD = 70
"""The likeness of two words, of 100, from which one may be a slip or a part of the other."""
_SHORTEST_NUMBER = 6

_FORMS = (
    "ab hb kb as asa ans da aps is ks gmbh ag kg ohg mbh ug ev bv nv vof ltd limited plc llc inc corp co oy oyj se sa "
    "sarl spa srl"
)
_LEGAL_FORMS = frozenset(_FORMS.split())
_STREETS = {
    "gatan": "gate", "gaten": "gate", "gata": "gate", "gate": "gate", "gade": "gate", "gt": "gate",
    "veien": "vei", "vegen": "vei", "vagen": "vei", "veg": "vei", "vag": "vei", "vej": "vei", "vn": "vei", "v": "vei",
    "strasse": "strasse", "straat": "strasse", "str": "strasse", "street": "street", "st": "street", "rd": "road",
}  # fmt: skip
"""What streets end with, and one spelling for each."""
_SPELLINGS = str.maketrans({"ø": "o", "æ": "ae", "å": "a", "ä": "a", "ö": "o", "ü": "u", "ß": "ss", "đ": "d", "ł": "l"})
_DOTTED = re.compile(r"\b(\w)[./](?=\w\b)")
_WRITTEN = re.compile(r"\w[\w'./-]+\w")
_WORD = re.compile(r"\w+")
_NOT_DIGIT = re.compile(r"\D")
_NOT_ALNUM = re.compile(r"[\W_]")
_VAT_AFFIXES = re.compile(r"^[A-Z]{2}(?=.*\d)|(MVA|MOMS)$")


def identity(values: Mapping[str, str]) -> Identity:
    """What identifies a record with these texts, by CRM field key; other keys are passed over."""
    name = values.get("NAME") or " ".join(values.get(key, "") for key in ("FIRSTNAME", "MIDDLENAME", "LASTNAME"))
    addresses = (_address(values, place) for place in ("POSTAL", "STREET"))
    return Identity(
        names=_set([normal_name(name)]),
        vat=_set([normal_vat(values.get("VATNO", ""))]),
        phones=_set(normal_phone(text) for key, text in values.items() if key.startswith("PHONE")),
        emails=_set([values.get("EMAIL", "").strip().casefold()]),
        addresses=_set(addresses),
    )


def likeness(ours: Identity, theirs: Identity) -> Likeness:
    """How alike two records are; the same whichever way round they are given."""
    evidence = {
        Reason.VAT: float(bool(ours.vat & theirs.vat)),
        Reason.EMAIL: float(bool(ours.emails & theirs.emails)),
        Reason.PHONE: _best(ours.phones, theirs.phones, _same_phone),
        Reason.NAME: _best(ours.names, theirs.names, _same_text),
        Reason.ADDRESS: _best(ours.addresses, theirs.addresses, _same_text),
    }
    telling = {reason: found for reason, found in evidence.items() if found >= _TELLING.get(reason, 1)}
    wrong = math.prod(1 - _STRENGTHS[reason] * similarity for reason, similarity in telling.items())
    contradicted = ours.vat and theirs.vat and Reason.VAT not in telling
    score = (1 - wrong) * (_CONTRADICTED if contradicted else 1)
    return Likeness(score, tuple(sorted(telling, key=lambda reason: -_STRENGTHS[reason])))


def normal_name(name: str) -> str:
    """The words of a name in order of the alphabet, without accents, punctuation and legal form."""
    words = _words(_DOTTED.sub(r"\1", name))
    return " ".join(sorted([word for word in words if word not in _LEGAL_FORMS] or words))


def telling_words(name: str) -> list[str]:
    """The words of a name as they are written, without its legal form, the longest first."""
    written = [word for word in _WRITTEN.findall(name) if normal_name(word) not in _LEGAL_FORMS]
    return sorted(dict.fromkeys(written), key=len, reverse=True)


def normal_vat(number: str) -> str:
    """A VAT or organisation number without country, spaces and the endings that some countries add."""
    bare = _VAT_AFFIXES.sub("", _VAT_AFFIXES.sub("", _NOT_ALNUM.sub("", number).upper()))
    if len(bare) == 12 and bare.isdecimal() and bare.endswith("01"):
        bare = bare[:10]  # Sweden: the organisation number and the number of the activity
    return bare if len(bare) >= _SHORTEST_NUMBER else ""


def normal_phone(number: str) -> str:
    """The digits of a phone number without what is dialled before the country or the area."""
    digits = _NOT_DIGIT.sub("", number.replace("(0)", "")).lstrip("0")
    return digits if len(digits) >= _SHORTEST_NUMBER else ""


def _address(values: Mapping[str, str], place: str) -> str:
    """Street, postal code and city in one spelling; without a street it says too little."""
    street = _words(values.get(f"{place}AD1", ""))
    if not street:
        return ""
    name = "".join(_spelt(word) for word in street if not word[0].isdecimal())
    numbers = [word for word in street if word[0].isdecimal()]
    postal_code = _NOT_ALNUM.sub("", values.get(f"{place}ZIP", "")).casefold()
    return " ".join(filter(None, [name, *numbers, postal_code, *_words(values.get(f"{place}CITY", ""))]))


def _spelt(word: str) -> str:
    """A word of a street's name with its ending in the one spelling."""
    if word in _STREETS:
        return _STREETS[word]
    ending = next((end for end in _STREETS if len(end) > 2 and word.endswith(end)), "")
    return word.removesuffix(ending) + _STREETS.get(ending, "")


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPELLINGS))
    return _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


def _set(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text for text in texts if text)


def _best(ours: frozenset[str], theirs: frozenset[str], similarity: Callable[[str, str], float]) -> float:
    return max((similarity(one, other) for one in ours for other in theirs), default=0.0)


def _same_phone(one: str, other: str) -> float:
    """Whether the numbers are the same where only one of them may have its country before it."""
    shortest = min(len(one), len(other))
    return float(one[-shortest:] == other[-shortest:])


def _same_text(one: str, other: str) -> float:
    """The share of letters that stand in words which both have, or have much alike."""
    ours, theirs = one.split(), other.split()
    shared = _shared(ours, theirs) + _shared(theirs, ours)
    return shared / sum(map(len, [*ours, *theirs]))


def _shared(words: list[str], among: list[str]) -> float:
    found = (max(fuzz.ratio(word, other, score_cutoff=_SAME_WORD) for other in among) for word in words)
    return sum(len(word) * share / 100 for word, share in zip(words, found, strict=True))
