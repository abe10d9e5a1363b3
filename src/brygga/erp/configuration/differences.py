"""Two configurations compared: which settings differ, by the path of keys that leads to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that differs. `old` or `new` is None where there is none on that side."""

    key: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.key}: {_shown(self.old)} → {_shown(self.new)}"

    def as_json(self) -> dict[str, Any]:
        """The difference as a JSON object."""
        return {"key": self.key, "old": self.old, "new": self.new}


def differences(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[Difference]:
    """The settings that differ, in the order of the configuration."""
    for key in dict.fromkeys([*old, *new]):
        place = f"{path}.{key}" if path else str(key)
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) or isinstance(after, Mapping):
            yield from _nested(before, after, place)
        elif before != after:
            yield Difference(place, before, after)


def _nested(before: Any, after: Any, place: str) -> Iterator[Difference]:
    """Compare mappings; where one side has a single value or nothing, that counts, too."""
    if not isinstance(before, Mapping | None) or not isinstance(after, Mapping | None):
        yield Difference(place, before, after)
        return
    if (before is None and not after) or (after is None and not before):
        yield Difference(place, before, after)
        return
    yield from differences(before or {}, after or {}, place)


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
