"""A loop that draws each look once gives what a `for` gives."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from django.template import Context, Template, TemplateSyntaxError

from brygga.web.templatetags.alike import Row


class Look(NamedTuple):
    is_on: bool = False
    marks: tuple[str, ...] = ()


class Texts(NamedTuple):
    name: str
    note: str = ""
    remarks: tuple[str, ...] = ()


BODY = (
    '<p title="{{ row.name }}">{{ row.name }} 100%{% if row.is_on %} on{% endif %}{% if row.note %} ({{ row.note }})'
    "{% endif %}{% for mark in row.marks %} {{ mark }}{% endfor %}{% for remark in row.remarks %} <i>{{ remark }}</i>"
    "{% endfor %} {{ word }}</p>"
)

ROWS = [
    Row(Look(), Texts("plain")),
    Row(Look(is_on=True), Texts("on", note="noted")),
    Row(Look(), Texts("plain too")),
    Row(Look(marks=("<b>", "50%")), Texts("marked")),
    Row(Look(), Texts("""<script> & "quoted" 'text'""", note="<&>")),
    Row(Look(), Texts("%(name)s %s %% {{ word }}", note="{name}")),
    Row(Look(), Texts("", note="nameless")),
    Row(Look(), Texts("\0note\0", note="inside")),
    Row(Look(), Texts("remarked", remarks=("one < two",))),
    Row(Look(), Texts("remarked more", remarks=("a", "b"))),
    Row(Look(), Texts("remarked as much", remarks=("", "d"))),
]


def drawn(body: str, rows: list[Row]) -> str:
    return Template("{% load alike %}{% alike row in rows %}" + body + "{% endalike %}").render(
        Context({"rows": rows, "word": "of <all>"})
    )


def by_for(rows: list[Row]) -> str:
    plain = [row.look._asdict() | row.texts._asdict() for row in rows]
    template = Template("{% for row in rows %}" + BODY + "{% endfor %}")
    return template.render(Context({"rows": plain, "word": "of <all>"}))


@pytest.mark.parametrize("rows", [ROWS, ROWS[::-1], [], *([row] for row in ROWS)])
def test_rows_are_drawn_as_by_a_for(rows: list[Row]) -> None:
    assert drawn(BODY, rows) == by_for(rows)


def test_rows_that_look_alike_are_drawn_once() -> None:
    class Counted:
        times = 0

        def __str__(self) -> str:
            self.times += 1
            return "word"

    counted = Counted()
    rows = [Row(Look(is_on=number % 2 == 0), Texts(f"row {number}")) for number in range(10)]
    template = Template("{% load alike %}{% alike row in rows %}{{ row.name }}{{ word }}{% endalike %}")

    text = template.render(Context({"rows": rows, "word": counted}))

    assert text == "".join(f"row {number}word" for number in range(10))
    assert counted.times == 2


def test_the_name_means_a_row_inside_the_loop_only() -> None:
    template = Template("{% load alike %}{% alike row in rows %}{{ row.name }}{% endalike %}{{ row }}")

    assert template.render(Context({"rows": [Row(Look(), Texts("one"))], "row": " after"})) == "one after"


def test_a_loop_that_is_written_wrongly_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="alike row in rows"):
        Template("{% load alike %}{% alike rows %}{% endalike %}")
