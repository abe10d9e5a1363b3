"""Keys made of names: what an administrator adds has a name to read and a key that stays when it is renamed."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count

from django.utils.text import slugify

LONGEST = 50
"""How many characters a key has at most."""

_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def is_key(text: str) -> bool:
    """Whether a text is a key: small letters and digits, single underscores between them.

    Two underscores in a row would mean a path in a query.
    """
    return len(text) <= LONGEST and _KEY.fullmatch(text) is not None


def free_key(name: str, taken: Collection[str], stem: str) -> str:
    """A key made of a name that is not `taken`; `stem` stands in where the name has no letters a-z to begin with."""
    words = "_".join(re.findall("[a-z0-9]+", slugify(name)))[: LONGEST - 6].strip("_")
    base = words if is_key(words) else f"{stem}_{words}".strip("_")[: LONGEST - 6].strip("_")
    if base not in taken:
        return base
    return next(key for number in count(2) if (key := f"{base}_{number}") not in taken)
