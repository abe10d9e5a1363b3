"""What a defect is: a class that derives from the good connector and does one thing wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from brygga.check.hostile.good import SampleConnector

Broken = TypeVar("Broken", bound=SampleConnector)

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Defect(NamedTuple):
    """One way to break the contract. `rules` are the numbers of the rules that it breaks."""

    id: str
    description: str
    rules: tuple[str, ...]
    connector: type[SampleConnector]


DEFECTS: dict[str, Defect] = {}
"""The defects by id, which is the name of the class in lower case with hyphens; the modules fill it."""


def breaks(*rules: str) -> Callable[[type[Broken]], type[Broken]]:
    """Enter a class in the table of defects; the first line of its docstring is the description."""

    def enter(broken: type[Broken]) -> type[Broken]:
        id = _CAPITAL.sub("-", broken.__name__).lower()
        description = (broken.__doc__ or "").partition("\n")[0]
        DEFECTS[id] = Defect(id, description, rules, broken)
        return broken

    return enter
