"""What the walks through the published pages on ERP connections share: copies of the demo's ERPs, and ways to look."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page

import brygga.demo

DATA = Path(brygga.demo.__file__).parent / "data"


def copy_workbook(home: Path) -> str:
    """A workbook of this test's own; its path below the data directory."""
    shutil.copy(DATA / "nordic.xlsx", home / "nordic.xlsx")
    return "nordic.xlsx"


def copy_folder(home: Path) -> str:
    """A folder of CSV files of this test's own; its path below the data directory."""
    shutil.copytree(DATA / "continental", home / "continental")
    return "continental"


def names_in(table: Locator, label: str) -> list[str]:
    """The texts of a column, by its label."""
    return [text.strip() for text in table.locator(f'[data-label="{label}"]').all_inner_texts()]


def field(dialog: Locator, name: str) -> Locator:
    """A text field of a dialog, by exactly this name."""
    return dialog.get_by_role("textbox", name=name, exact=True)


def is_above(first: Locator, second: Locator) -> bool:
    """Whether one thing stands above the other."""
    upper, lower = first.bounding_box(), second.bounding_box()
    assert upper is not None
    assert lower is not None
    return upper["y"] < lower["y"]


def press_below(page: Page, button: str, table: str) -> None:
    """Press a button that stands below one of the tables of the Sync tab."""
    page.get_by_role("link", name=re.compile(f"^{re.escape(button)}.*{re.escape(table)}$")).click()


def open_tab(page: Page, place: str, tab: str) -> None:
    """Go to a place of the navigator, and to one of its tabs."""
    with page.expect_navigation():
        page.locator("nav").get_by_role("link", name=place, exact=True).click()
    with page.expect_navigation():
        page.get_by_role("navigation", name=place).get_by_role("link", name=tab, exact=True).click()
