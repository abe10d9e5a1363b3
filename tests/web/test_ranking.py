"""An order that a person chooses, as it comes in a form."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from brygga.web.ranking import is_move, moved, order_in

IDS = ["1", "2", "3"]


@pytest.mark.parametrize(
    ("posted", "order"),
    [
        ("", ["1", "2", "3"]),
        ("order=3&order=1&order=2", ["3", "1", "2"]),
        ("order=3&order=3", ["3", "1", "2"]),
        ("order=gone&order=2", ["2", "1", "3"]),
        ("order=1&order=2&order=3&up=3", ["1", "3", "2"]),
        ("order=1&order=2&order=3&down=1", ["2", "1", "3"]),
        ("order=1&order=2&order=3&up=1", ["1", "2", "3"]),
        ("order=1&order=2&order=3&down=3", ["1", "2", "3"]),
        ("up=gone", ["1", "2", "3"]),
    ],
)
def test_the_order_is_that_of_the_form_moved_by_its_button(posted: str, order: list[str]) -> None:
    assert order_in(QueryDict(posted), IDS) == order


def test_an_arrow_button_only_moves() -> None:
    assert is_move(QueryDict("up=1"))
    assert is_move(QueryDict("down=1"))
    assert not is_move(QueryDict("order=1"))


def test_moving_ends_at_the_ends() -> None:
    assert moved(IDS, "2", -9) == ["2", "1", "3"]
    assert moved(IDS, "2", 9) == ["1", "3", "2"]
