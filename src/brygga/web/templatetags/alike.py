"""A loop over hundreds of rows of which many look alike: each look is drawn once."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple, TypeAlias

from django import template
from django.template import Context
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

Filling: TypeAlias = dict[str, str]
"""The texts of a row, escaped, by the names of their places."""


class Row(NamedTuple):
    """A row for the loop: `look` is all that its markup depends on, `texts` the strings that are put into it as they
    are.

    Both are named tuples, and the template finds their values as those of one row. `look` is hashable. A text is a
    string or a tuple of strings. The template may ask whether a text is blank, and loop over a tuple; it can't
    compare a text or filter it.
    """

    look: Any
    texts: Any


class _Plain(NamedTuple):
    pass


PLAIN = _Plain()
"""The look of rows that differ by their texts alone."""


@register.tag
def alike(parser: Parser, token: Token) -> AlikeNode:
    """`{% alike row in rows %}…{% endalike %}`: a `for` over `Row`s, without `forloop`."""
    match token.split_contents():
        case [_tag, name, "in", rows]:
            nodelist = parser.parse(("endalike",))
            parser.delete_first_token()
            return AlikeNode(name, parser.compile_filter(rows), nodelist)
    raise template.TemplateSyntaxError("Write it as {% alike row in rows %}.")


class AlikeNode(template.Node):
    """The loop; for each look the template makes a stencil, which the texts of the rows are put into."""

    def __init__(self, name: str, rows: FilterExpression, nodelist: NodeList) -> None:
        self.name = name
        self.rows = rows
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        stencils: dict[tuple[Any, ...], str] = {}
        drawn = []
        for row in self.rows.resolve(context):
            filling = _filling(row)
            shape = (row.look, *filling)
            if shape not in stencils:
                stencils[shape] = self._stencil(context, row, filling)
            drawn.append(stencils[shape] % filling)
        return mark_safe("".join(drawn))  # the texts are escaped

    def _stencil(self, context: Context, row: Row, filling: Filling) -> str:
        """The row as a format string with a place for each text."""
        places = {name: _places(name, text) for name, text in row.texts._asdict().items()}
        with context.push(**{self.name: row.look._asdict() | places}):
            stencil = self.nodelist.render(context).replace("%", "%%")
        for name in filling:
            stencil = stencil.replace(_place(name), f"%({name})s")
        return stencil


def _filling(row: Row) -> Filling:
    """Texts that are blank have no place: rows with and without them do not look alike."""
    filling: Filling = {}
    for name, text in zip(row.texts._fields, row.texts, strict=True):
        if isinstance(text, str):
            if text:
                filling[name] = escape(text)
        else:
            filling |= {f"{name}.{number}": escape(one) for number, one in enumerate(text)}
    return filling


def _places(name: str, text: str | tuple[str, ...]) -> str | list[str]:
    if isinstance(text, str):
        return _place(name) if text else ""
    return [_place(f"{name}.{number}") for number in range(len(text))]


def _place(name: str) -> SafeString:
    return mark_safe(f"\0{name}\0")  # a character that no markup has
