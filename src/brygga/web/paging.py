"""Pages of a list."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

SIZE = 50
"""Rows on a page."""
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its number, from 1, out of `count`; `total` rows stand on all pages together."""

    number: int
    total: int
    size: int = SIZE

    @property
    def count(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def start(self) -> int:
        """The place of the page's first row, from 0."""
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        """The place after the page's last row."""
        return self.start + self.size

    @property
    def previous(self) -> int | None:
        """The number of the page before, if any."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The number of the page after, if any."""
        return self.number + 1 if self.number < self.count else None


def asked_page(request: HttpRequest) -> int:
    """The page number that the address asks for; 1 where it asks for nonsense."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


def asked_text(request: HttpRequest) -> str:
    """The text that the address asks to find, at most 200 characters."""
    return request.GET.get("q", "").strip().replace("\x00", "")[:_LONGEST_TEXT]
