"""Multi-language strings: reading, fall-back, and composing what reads back the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.contract import localised
from brygga.contract.localised import compose, parse, text_for

BOTH = 'US:"Customer number";NO:"Kunde nummer"'


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (BOTH, {"en": "Customer number", "nb": "Kunde nummer"}),
        ('US:"Customer"NO:"Kunde"', {"en": "Customer", "nb": "Kunde"}),
        (' US:"Customer" ; NO:"Kunde"; ', {"en": "Customer", "nb": "Kunde"}),
        ('US:"one; two";SW:"ett; två"', {"en": "one; two", "sv": "ett; två"}),
        (r'US:"say \"hi\"";NO:"x"', {"en": 'say "hi"', "nb": "x"}),
        ('US:"say ""hi""";NO:"x"', {"en": 'say "hi"', "nb": "x"}),
        (r'US:"C:\temp\";NO:"D:\"', {"en": "C:\\temp\\", "nb": "D:\\"}),
        (r'US:"a\\";NO:"b"', {"en": "a\\", "nb": "b"}),
        ('US:"";NO:"b"', {"en": "", "nb": "b"}),
        ('US:"a";NO:"never closed', {"en": "a", "nb": "never closed"}),
        ('US:"first";US:"second"', {"en": "first"}),
        ('PT:"nome"', {"pt": "nome"}),
        ("Customer", {"": "Customer"}),
        ('The key US:"x" opens', {"": 'The key US:"x" opens'}),
        ('US:"x" and more', {"": 'US:"x" and more'}),
        ("", {}),
    ],
)
def test_reading(raw: str, texts: dict[str, str]) -> None:
    assert parse(raw) == texts


@pytest.mark.parametrize(
    ("raw", "language", "text"),
    [
        (BOTH, "nb", "Kunde nummer"),
        (BOTH, "nb-NO", "Kunde nummer"),
        (BOTH, "no", "Kunde nummer"),
        (BOTH, "en_GB", "Customer number"),
        (BOTH, "fi", "Customer number"),
        ('GE:"Kunde";FR:"Client"', "fi", "Kunde"),
        ('US:"Customer";NO:""', "nb", "Customer"),
        ('US:""', "en", ""),
        ("Customer", "nb", "Customer"),
        ("a; b", "nb", "a; b"),
        ("", "nb", ""),
    ],
)
def test_the_text_for_a_language(raw: str, language: str, text: str) -> None:
    assert text_for(raw, language) == text


def test_composing() -> None:
    assert compose({"en": "Customer", "sv-SE": 'en "kund"'}) == r'US:"Customer";SW:"en \"kund\""'
    assert compose({"": "plain"}) == "plain"
    assert compose({}) == ""
    with pytest.raises(ValueError, match="klingon"):
        compose({"klingon": "x"})


@given(
    st.dictionaries(
        st.sampled_from([*localised.CULTURES.values(), "pt"]),
        st.one_of(st.text(), st.text(alphabet='\\";:NOUS ', max_size=12)),
    )
)
def test_what_is_composed_reads_back(texts: dict[str, str]) -> None:
    raw = compose(texts)
    assert parse(raw) == texts
    for language, text in texts.items():
        assert text_for(raw, language) == text or not text


@given(st.text(alphabet='\\";:NOUS ', max_size=30))
def test_any_text_can_be_read(raw: str) -> None:
    assert isinstance(text_for(raw, "nb"), str)
    assert "".join(parse(raw).values()).strip() or not text_for(raw, "nb").strip()


@given(st.text().filter(lambda text: ':"' not in text))
def test_plain_text_stays_plain(text: str) -> None:
    assert text_for(text, "nb") == text
    assert compose(parse(text)) == text
