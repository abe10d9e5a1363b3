"""Values that did not fit: corrected in the CRM, and written to the ERP at once (behaviour G4)."""

from __future__ import annotations

import pytest
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.erp.errors import Refused
from brygga.erp.models import FieldMapping, Link, Run
from brygga.erp.services import attention, decisions
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER
TOO_LONG = "Llanfairpwllgwyngyllgogerych"  # longer than the ERP's 20


def link() -> Link:
    return Link.objects.select_related("connection").get(actor_type="Customer", erp_key="1")


def test_a_value_that_does_not_fit_is_corrected_and_sent_on(erp, connection):
    edit(company("Fjord"), POSTALCITY=TOO_LONG)
    sync_now(None, by="test")
    (correction,) = decisions.correctable(link())
    assert (correction.erp_field, correction.crm_field.key) == ("CITY", "POSTALCITY")
    assert "28 characters" in str(correction.problem)

    report = decisions.resubmit(link(), company("Fjord").version, {"POSTALCITY": "Voss"}, "anna")

    assert (report.failed, erp.value("1", "CITY"), attention.items()) == (0, "Voss", [])
    assert Run.objects.get(pk=report.run).by == "anna"
    assert sync_now(None, by="test").changes == 0


def test_a_correction_overrules_what_the_erp_has(erp, connection):
    erp.put(CUSTOMER, "1", CITY="x" * 300)
    sync_now(None, by="test")
    decisions.resubmit(link(), company("Fjord").version, {"POSTALCITY": "Voss"}, "anna")
    assert (erp.value("1", "CITY"), attention.items()) == ("Voss", [])


def test_what_only_the_erp_can_correct_is_not_offered(erp, connection):
    FieldMapping.objects.filter(key="CITY").update(type=3)  # FieldType.INTEGER, and Bergen is no number
    erp.put(CUSTOMER, "1", NAME="Fjord AS")
    sync_now(None, by="test")
    assert link().state == "failed"
    assert decisions.correctable(link()) == []
    with pytest.raises(Refused, match="no value waits"):
        decisions.resubmit(link(), company("Fjord AS").version, {"POSTALCITY": "5"}, "anna")


def test_a_correction_of_nothing_is_refused(erp, connection):
    edit(company("Fjord"), POSTALCITY=TOO_LONG)
    sync_now(None, by="test")
    for values in ({}, {"NAME": "x"}):
        with pytest.raises(Refused, match="no value waits"):
            decisions.resubmit(link(), company("Fjord").version, values, "anna")
