"""Buttons that act on what is selected, and why some can't be pressed; shown by `web/components/action.html`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """What a button does: open a dialog, post and show the answer in place, or lead to a page."""

    DIALOG = "dialog"
    POST = "post"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `key` is its id on the page; `why` says why it can't be pressed now, and is empty where it can.

    `about` completes the label for a reader who does not see what it stands below; `target` is the selector of what
    the answer to a post fills.
    """

    key: str
    label: str
    url: str
    icon: str = ""
    style: str = ""
    why: str = ""
    how: How = How.DIALOG
    about: str = ""
    target: str = "#dialog"
