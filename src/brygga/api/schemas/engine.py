"""Bodies of the operations on the engine."""

from __future__ import annotations

from pydantic import Field

from brygga.api.enums import ErpActorType, ResponseStatus
from brygga.api.schemas.base import Carrier, Int32, Model
from brygga.api.time_span import TimeSpan


class ChangedDataItem(Carrier):
    """A record: `contact` is a company, `person` one of its contacts."""

    tablename: str | None = None
    record_id: Int32 | None = None


class ChangedData(Carrier):
    """The CRM records that were changed."""

    added_records: list[ChangedDataItem] | None = None
    updated_records: list[ChangedDataItem] | None = None
    deleted_records: list[ChangedDataItem] | None = None


class PluginResponse(Carrier):
    """How a sync went.

    `Error`: a connection failed as a whole. `Warning`: records failed or are in conflict. `OkWithInfo`: something was
    changed. `UserExplanation` says it in the caller's language, `TechExplanation` in English.
    """

    is_ok: bool | None = None
    user_explanation: str | None = None
    tech_explanation: str | None = None
    error_code: str | None = None
    changes: ChangedData | None = None
    status: ResponseStatus | None = None


class ErpSyncEngineStatus(Carrier):
    """Whether automatic sync is on, how it stands in words, and how often it runs."""

    is_running: bool | None = None
    status_message: str | None = None
    interval: TimeSpan | None = None


class ForceResyncRequest(Model):
    """Whose values are written over the others: a connection's, or without one the CRM's.

    `InternalKeyIds` are ids of links; the records they belong to are resynced, or all where there are none.
    """

    erp_connection_id: Int32 = 0
    internal_key_ids: list[Int32] = Field(default_factory=list)


class ForceResyncNoBlankValuesRequest(ForceResyncRequest):
    """As for `ForceResync`."""


class ForceResyncBatchTaskRequest(ForceResyncRequest):
    """As for `ForceResync`."""


class ForceResyncExternalRequest(Model):
    """As for `ForceResync`; the records are named by the ERP keys of their actors. No keys mean no records."""

    erp_connection_id: Int32 = 0
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN
    external_keys: list[str] = Field(default_factory=list)


class ForceResyncExternalNoBlankValuesRequest(ForceResyncExternalRequest):
    """As for `ForceResyncExternal`."""


class ChangeEngineStatusRequest(Model):
    """Whether automatic sync is to run."""

    run: bool


class ChangeEngineIntervalRequest(Model):
    """The time between two runs."""

    interval: TimeSpan
