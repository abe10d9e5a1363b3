"""Keys under which records and actors that may be the same meet, so that not all need be compared with all (G5).

Each kind of evidence of `likeness` gives keys: whoever has none in common has nothing telling in common. Words of
names are cut, so that a slip or an ending does not part them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import combinations

from brygga.erp.services.likeness import Identity

_PHONE_DIGITS = 6
"""The last digits of a phone number: enough to tell, whether or not the country stands before them."""
_WORD_LETTERS = 5
_SHORTEST_WORD = 3
_PAIRED_WORDS = 5
"""Words that many names have tell little alone, and much in pairs; of so many words of a name all pairs are keys."""


def keys_of(identity: Identity, home: str = "") -> frozenset[str]:
    """The keys of a record or an actor, 32 characters each; those of persons hold within their `home`, a company."""
    return frozenset(_digest(f"{home}|{kind}|{text}") for kind, text in _evidence(identity))


def _evidence(identity: Identity) -> Iterator[tuple[str, str]]:
    for number in identity.vat:
        yield "vat", number
    for email in identity.emails:
        yield "email", email
    for phone in identity.phones:
        yield "phone", phone[-_PHONE_DIGITS:]
    for address in identity.addresses:
        yield "address", address
    for name in identity.names:
        yield "name", name
        words = [word[:_WORD_LETTERS] for word in name.split() if len(word) >= _SHORTEST_WORD]
        yield from (("word", word) for word in words)
        yield from (("words", f"{one} {other}") for one, other in combinations(words[:_PAIRED_WORDS], 2))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
