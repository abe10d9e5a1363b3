"""How alike two records are: normal forms, evidence, and laws that hold for whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.erp.services.likeness import (
    KEYS,
    Reason,
    identity,
    likeness,
    normal_name,
    normal_phone,
    normal_vat,
    telling_words,
)

TEXTS = st.dictionaries(st.sampled_from(sorted(KEYS)), st.text(max_size=25))
ORKDAL = {
    "NAME": "Orkdal Eldresenter AS",
    "VATNO": "NO 974 760 673 MVA",
    "PHONE": "+47 72 48 00 00",
    "EMAIL": "post@orkdal.no",
    "POSTALAD1": "O-veien 543",
    "POSTALZIP": "7300",
    "POSTALCITY": "Orkanger",
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Orkdal Eldresenter AS", "ELDRESENTER, ORKDAL A/S"),
        ("Müller & Söhne GmbH", "muller sohne"),
        ("Strøm ApS", "Strom"),
        ("AB Volvo", "Volvo (AB)"),
    ],
)
def test_names_are_the_same_whatever_their_order_accents_and_legal_form(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


def test_the_words_to_search_for_are_as_written_and_without_the_legal_form() -> None:
    assert telling_words("AB Ångström & O'Neill i Umeå") == ["Ångström", "O'Neill", "Umeå"]


def test_a_name_that_is_nothing_but_a_legal_form_stays() -> None:
    assert normal_name("AS") == "as"


@pytest.mark.parametrize(
    ("one", "other"),
    [("NO 974 760 673 MVA", "974760673"), ("SE556036079301", "556036-0793"), ("DE 123 456 789", "123456789")],
)
def test_vat_numbers_are_the_same_with_and_without_their_country(one: str, other: str) -> None:
    assert normal_vat(one) == normal_vat(other) != ""


def test_what_is_too_short_identifies_nobody() -> None:
    assert normal_vat("NO12") == normal_phone("112") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("+47 72 48 00 00", "72480000"), ("08-123 456", "+46 (0)8 123456"), ("0047 72480000", "(+47) 724 80 000")],
)
def test_phone_numbers_are_the_same_with_and_without_their_country(one: str, other: str) -> None:
    alike = likeness(identity({"PHONE": one}), identity({"PHONE_MOBILE": other}))
    assert alike.reasons == (Reason.PHONE,)


def test_the_same_company_is_nearly_certain_and_says_why() -> None:
    alike = likeness(identity(ORKDAL), identity(ORKDAL))
    assert alike.score > 0.99
    assert alike.reasons == (Reason.VAT, Reason.NAME, Reason.EMAIL, Reason.PHONE, Reason.ADDRESS)


def test_the_better_match_comes_first() -> None:
    ours = identity(ORKDAL)
    both = likeness(ours, identity({"NAME": "Orkdal Senter AS", "VATNO": "974760673"}))
    name = likeness(ours, identity({"NAME": "Orkdal Eldresenter"}))
    similar = likeness(ours, identity({"NAME": "Orkdal Sparebank"}))
    other = likeness(ours, identity({"NAME": "Fjordvik Bygg"}))
    assert both.score > name.score > similar.score > other.score
    assert (both.reasons, name.reasons) == ((Reason.VAT, Reason.NAME), (Reason.NAME,))
    assert (other.score, other.reasons) == (0, ())


def test_another_vat_number_speaks_against_the_same_name() -> None:
    ours = identity(ORKDAL)
    unknown = likeness(ours, identity({"NAME": "Orkdal Eldresenter"}))
    denied = likeness(ours, identity({"NAME": "Orkdal Eldresenter", "VATNO": "911111119"}))
    assert 0 < denied.score == unknown.score / 2


def test_addresses_are_the_same_in_other_spellings_and_need_a_street() -> None:
    ours = {"POSTALAD1": "Storgatan 1", "POSTALZIP": "111 22", "POSTALCITY": "Malmö"}
    theirs = {"STREETAD1": "Stor gt. 1", "STREETZIP": "11122", "STREETCITY": "MALMO"}
    assert likeness(identity(ours), identity(theirs)).reasons == (Reason.ADDRESS,)
    city = {"POSTALZIP": "7300", "POSTALCITY": "Orkanger"}
    assert likeness(identity(city), identity(city)).score == 0


def test_persons_are_known_by_the_parts_of_their_name() -> None:
    ours = identity({"FIRSTNAME": "Kari", "LASTNAME": "Nordmann"})
    assert likeness(ours, identity({"NAME": "Nordmann, Kari"})).reasons == (Reason.NAME,)


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_both_ways_and_between_none_and_one(one: dict[str, str], other: dict[str, str]) -> None:
    there, back = likeness(identity(one), identity(other)), likeness(identity(other), identity(one))
    assert there == back
    assert 0 <= there.score <= 1


@given(TEXTS)
def test_nothing_is_more_like_a_record_than_itself(values: dict[str, str]) -> None:
    ours = identity(values)
    itself = likeness(ours, ours)
    assert set(itself.reasons) == {
        reason
        for reason, known in zip(
            (Reason.VAT, Reason.NAME, Reason.PHONE, Reason.EMAIL, Reason.ADDRESS),
            (ours.vat, ours.names, ours.phones, ours.emails, ours.addresses),
            strict=True,
        )
        if known
    }


@given(TEXTS, TEXTS)
def test_a_record_without_anything_in_common_with_itself_is_like_nobody(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert likeness(identity({}), identity(other)).score == 0
    assert likeness(identity(one), identity({})).reasons == ()
