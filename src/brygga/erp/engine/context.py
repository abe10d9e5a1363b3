"""What a piece of work on one connection needs besides the channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from brygga.erp.crm_side import CrmSide
from brygga.erp.engine import foresight
from brygga.erp.engine.approved import Approval
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import ConnectionReport
from brygga.merge import Side


@dataclass
class Context:
    """What a run needs besides the channel: the CRM, the clock, where to count, and whether to write at all.

    With `copy_from` the values of that side are taken whatever was agreed before: a resync (behaviour A14). With
    `approval` nothing is decided here: what a person approved is written, or refused where it has moved (G1).
    """

    crm: CrmSide
    clock: Callable[[], datetime]
    report: ConnectionReport
    origin: str
    run_id: int = 0
    dry_run: bool = False
    planned: list[dict[str, Any]] = field(default_factory=list)
    planned_links: set[tuple[str, str]] = field(default_factory=set)
    """The links, by actor type and ERP key, that a dry run has dealt with."""
    foreseen: foresight.Foreseen = field(default_factory=dict)
    approval: Approval | None = None
    copy_from: Side | None = None
    chosen: Mapping[str, Side] = field(default_factory=dict)
    """The sides that a person chose, by ERP field key, while connecting (behaviour U5) or to settle a conflict; the
    other fields are merged as ever."""
    keep_blanks: bool = False
    looked: int = 0
    """The actors that were looked for by key, without those known to be missing."""
    gone: list[int] = field(default_factory=list)
    """The ids of the links whose actors were found missing and are not marked yet."""
    missing: int = 0
    """The links that were marked, or marked again, as missing in the ERP."""
    accept_gone: bool = False
    """Somebody has checked that any number of actors may be missing."""
    hold: Callable[[], None] = lambda: None
    """Renews the lease that the work is done under; raises LeaseLost."""
    progress: Progress = field(default_factory=Progress)
