"""Operations on the engine: how it stands, sync and resync (behaviour A1, A14, E1)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Caller
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.erp.models import Connection, Job, Link, Run, SyncSettings
from brygga.erp.services.activation import deactivate
from brygga.erp.services.automatic import switch_automatic_sync
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.django_db

RESYNCS = ["ForceResync", "ForceResyncNoBlankValues", "ForceResyncBatchTask"]
EXTERNAL = ["ForceResyncExternal", "ForceResyncExternalNoBlankValues"]
OPERATIONS = [
    "GetEngineStatus", "ChangeEngineStatus", "ChangeEngineInterval", "SyncAll", "ForceSyncAll", *RESYNCS, *EXTERNAL,
]  # fmt: skip


def link() -> Link:
    return Link.objects.get(erp_key="1")


@pytest.fixture
def apart(erp: MemoryErp, fjord: Connection) -> None:
    """The two sides of Fjord differ in the city, and the CRM has no category."""
    edit(company("Fjord"), POSTALCITY="Oslo", category=None)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_engine_is_for_administrators(anna: Caller, name: str) -> None:
    assert anna.refused(name, {"Run": False, "Interval": "00:01:00"}) == (403, "denied")
    assert SyncSettings.load().automatic is True
    assert not Run.objects.exists()


def test_the_engine_is_turned_off_and_on(admin: Caller) -> None:
    status = admin("GetEngineStatus", Accept_Language="en")
    assert (status["IsRunning"], status["Interval"]) == (True, "00:02:00")
    assert status["StatusMessage"] == "Automatic sync is on. No run yet."
    off = admin("ChangeEngineStatus", {"Run": False}, Accept_Language="en")
    assert (off["IsRunning"], off["StatusMessage"]) == (False, "Automatic sync is off. No run yet.")
    assert SyncSettings.load().automatic is False
    assert "The next run begins" in admin("ChangeEngineStatus", {"Run": True}, Accept_Language="en")["StatusMessage"]
    assert admin.refused("ChangeEngineStatus", {}) == (400, "bad_request")


def test_the_interval_is_a_time_span(admin: Caller) -> None:
    admin("ChangeEngineInterval", {"Interval": "1.00:00:00"})
    assert admin("GetEngineStatus")["Interval"] == "1.00:00:00"
    for wrong, refusal in [
        ("00:00:05", (409, "refused")),
        ("soon", (400, "bad_request")),
        (None, (400, "bad_request")),
    ]:
        assert admin.refused("ChangeEngineInterval", {"Interval": wrong}) == refusal
    assert SyncSettings.load().interval == 24 * 60 * 60


@pytest.mark.parametrize("name", ["SyncAll", "ForceSyncAll"])
def test_all_are_synced(admin: Caller, erp: MemoryErp, apart: None, name: str) -> None:
    erp.put(ActorType.CUSTOMER, "1", CODE="F2")
    answer = admin(name, Accept_Language="en")
    assert (answer["IsOk"], answer["Status"], answer["ErrorCode"]) == (True, "OkWithInfo", "")
    assert answer["UserExplanation"] == "3 changes, 0 failed, 0 in conflict."
    assert answer["TechExplanation"].startswith("run ")
    updated = answer["Changes"]["UpdatedRecords"]
    assert [(r["Tablename"], r["RecordId"]) for r in updated] == [("contact", company("Fjord").id)]
    assert erp.value("1", "CITY") == "Oslo"
    assert admin(name)["Status"] == "Ok"


def test_sync_is_not_begun_while_automatic_sync_is_off_unless_forced(
    admin: Caller, erp: MemoryErp, apart: None
) -> None:
    switch_automatic_sync(False)
    refused = admin("SyncAll")
    assert (refused["IsOk"], refused["Status"], refused["ErrorCode"]) == (False, "Error", "automatic_sync_off")
    assert erp.value("1", "CITY") == "Bergen"
    assert admin("ForceSyncAll")["IsOk"] is True
    assert erp.value("1", "CITY") == "Oslo"


def test_a_connection_that_fails_is_an_error_and_a_record_a_warning(admin: Caller, erp: MemoryErp, apart: None) -> None:
    erp.refuses = {"1"}
    assert (admin("SyncAll")["IsOk"], admin("SyncAll")["Status"]) == (True, "Warning")
    erp.down = "Closed for the night."
    answer = admin("SyncAll", Accept_Language="en")
    assert (answer["IsOk"], answer["Status"]) == (False, "Error")
    assert "memory: Closed for the night." in answer["UserExplanation"]
    assert answer["ErrorCode"]


def resync(admin: Caller, name: str, body: dict[str, Any]) -> Any:
    """What is done at once, and what is done by a job, after it."""
    answer = admin(name, body)
    if name == "ForceResyncBatchTask":
        assert answer is None
        job = Runner(lambda _seconds: True).run_next()
        assert job is not None
        assert (job.state, job.by) == ("done", "eva")
    else:
        assert answer["IsOk"] is True
    return answer


@pytest.mark.parametrize("by_key", [True, False])
@pytest.mark.parametrize("name", RESYNCS)
def test_the_crm_is_written_over_the_erp(admin: Caller, erp: MemoryErp, apart: None, name: str, by_key: bool) -> None:
    resync(admin, name, {"InternalKeyIds": [link().pk] if by_key else None})
    assert erp.value("1", "CITY") == "Oslo"
    assert erp.value("1", "GROUP") == ("1" if name == "ForceResyncNoBlankValues" else "")


@pytest.mark.parametrize("name", RESYNCS)
def test_an_erp_is_written_over_the_crm(
    admin: Caller, erp: MemoryErp, fjord: Connection, apart: None, name: str
) -> None:
    resync(admin, name, {"ErpConnectionId": fjord.pk, "InternalKeyIds": []})
    assert company("Fjord").fields["POSTALCITY"] == "Bergen"
    assert company("Fjord").fields["category"]


@pytest.mark.parametrize("from_crm", [True, False])
@pytest.mark.parametrize("name", EXTERNAL)
def test_records_are_named_by_the_keys_of_the_erp(
    admin: Caller, erp: MemoryErp, fjord: Connection, apart: None, name: str, from_crm: bool
) -> None:
    erp.put(ActorType.CUSTOMER, "1", GROUP="" if not from_crm else "1")
    body = {"ErpConnectionId": 0 if from_crm else fjord.pk, "ErpActorType": "Customer", "ExternalKeys": ["1"]}
    assert admin(name, body)["IsOk"] is True
    city = "Oslo" if from_crm else "Bergen"
    assert erp.value("1", "CITY") == company("Fjord").fields["POSTALCITY"] == city
    assert erp.value("1", "GROUP") == ("1" if from_crm and "NoBlank" in name else "")


def test_only_the_records_named_are_resynced(admin: Caller, erp: MemoryErp, apart: None) -> None:
    admin("ForceResyncExternal", {"ErpActorType": "Customer", "ExternalKeys": []})
    assert erp.value("1", "CITY") == "Bergen"


@pytest.mark.parametrize("name", [*RESYNCS, *EXTERNAL])
def test_what_is_not_there_is_not_resynced(
    admin: Caller, erp: MemoryErp, fjord: Connection, apart: None, name: str
) -> None:
    key = {"ErpActorType": "Customer", "ExternalKeys": ["1", "99"], "InternalKeyIds": [link().pk, 4711]}
    response = admin.post(name, key)
    assert (response.status_code, response.json()["Code"]) == (404, "not_found")
    assert response.json()["Message"].endswith("99." if name in EXTERNAL else "4711.")
    assert admin.refused(name, key | {"ErpConnectionId": 4711}) == (404, "not_found")
    deactivate(fjord)
    assert admin.refused(name, {"ErpConnectionId": fjord.pk}) == (409, "refused")
    assert (erp.value("1", "CITY"), company("Fjord").fields["POSTALCITY"]) == ("Bergen", "Oslo")
    assert not Job.objects.exists()
