"""What Brygga stores of connectors, connections, mappings, links and the log."""

from brygga.erp.models.connections import Access, ConfigValue, Connection, Connector, SyncSettings
from brygga.erp.models.imports import ImportDraft, ImportRow, RememberedSearch
from brygga.erp.models.jobs import Job, JobState
from brygga.erp.models.links import CreateIntent, Link, LinkState, Sending, WaitingLink
from brygga.erp.models.mappings import ActorMapping, FieldMapping, ListItemMapping
from brygga.erp.models.matching import MatchEntry, Matching, MatchKey, MatchPair
from brygga.erp.models.pending import PendingAction, PendingChange
from brygga.erp.models.plans import PlanItem, PlanOutcome, PlanState, StoredPlan
from brygga.erp.models.runs import Lease, LogEntry, Run, RunFigure, RunState

__all__ = [
    "Access",
    "ActorMapping",
    "ConfigValue",
    "Connection",
    "Connector",
    "CreateIntent",
    "FieldMapping",
    "ImportDraft",
    "ImportRow",
    "Job",
    "JobState",
    "Lease",
    "Link",
    "LinkState",
    "ListItemMapping",
    "LogEntry",
    "MatchEntry",
    "MatchKey",
    "MatchPair",
    "Matching",
    "PendingAction",
    "PendingChange",
    "PlanItem",
    "PlanOutcome",
    "PlanState",
    "RememberedSearch",
    "Run",
    "RunFigure",
    "RunState",
    "Sending",
    "StoredPlan",
    "SyncSettings",
    "WaitingLink",
]
