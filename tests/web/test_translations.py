"""The languages are complete: every message, in every language, as the sources have it now."""

from __future__ import annotations

import re

import pytest
from tests.web import catalogue

RENEW = (
    "In src/brygga, with DJANGO_SETTINGS_MODULE=brygga.site.settings, run `django-admin makemessages --all "
    "--no-location --no-wrap --no-obsolete`, translate what is new "
    "in web/locale, then run `django-admin compilemessages` there; commit .po and .mo."
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%s")


def test_the_sources_are_read() -> None:
    found = catalogue.messages()
    expected = {
        ("Postal address 1", ""),  # a label of the CRM
        ("Skip to the content", ""),  # a template
        ("Page %(number)s of %(count)s", ""),  # a template's sentence with values
        ("%(n)s conflict", "%(n)s conflicts"),
    }
    assert expected <= found


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_the_catalogue_holds_the_messages_of_the_sources(language: str) -> None:
    held = set(catalogue.catalogue(language))
    assert (catalogue.messages() - held, held - catalogue.messages()) == (set(), set()), RENEW


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_message_is_translated_for_certain(language: str) -> None:
    held = catalogue.catalogue(language)
    missing = [message for message, texts in held.items() if not all(text.strip() for text in texts)]
    assert missing == []
    assert not catalogue.is_fuzzy(language)


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_translations_keep_the_values_of_their_messages(language: str) -> None:
    for (singular, plural), texts in catalogue.catalogue(language).items():
        values = set(PLACEHOLDER.findall(plural or singular))
        assert set(PLACEHOLDER.findall(texts[-1])) == values, singular
        assert set(PLACEHOLDER.findall(texts[0])) <= values, singular


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_texts(language: str) -> None:
    texts = {message[0]: translations[0] for message, translations in catalogue.catalogue(language).items()}
    assert catalogue.compiled(language) == texts, RENEW
