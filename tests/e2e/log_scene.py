"""What the walks through log and inbox start from, and what they look for on each page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page, expect
from tests.e2e.conftest import violations
from tests.erp.memory_erp import MemoryErp
from tests.web.synced import memory_erp, the_connection

from brygga.erp.models import Connection, Run
from brygga.erp.services.figures import note_figures


@contextmanager
def only_memory() -> Iterator[MemoryErp]:
    """An ERP in memory that is synced; the shop's connections take no part."""
    Connection.objects.update(active=False, failure={})
    with memory_erp() as erp:
        yield erp


def past_runs(days: int = 6) -> None:
    """A run on each of the last days, with changes, and failures now and then."""
    connection = the_connection()
    for n in range(days):
        part = {"name": "memory", "connection": connection.pk, "to_crm": 3 * n + 1, "failed": n % 3}
        run = Run.objects.create(kind="sync", by="scheduler", state="done", report=[part])
        at = timezone.now() - timedelta(days=n)
        Run.objects.filter(pk=run.pk).update(started_at=at, ended_at=at + timedelta(seconds=2))
        note_figures(run)


def flaws(page: Page) -> list[str]:
    """What axe finds on the page, and whether it is wider than the window."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*violations(page), *(["wider than the window"] if wide else [])]


def listen(page: Page) -> list[str]:
    """What the browser complains of, as it comes: the content policy, errors of scripts, warnings."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    return said
