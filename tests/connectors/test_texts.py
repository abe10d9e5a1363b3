"""What the connectors tell people is there in every language, with the same values in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from django.conf import settings
from tests.connectors.conftest import GUID

import brygga.connectors
from brygga.connectors.tabular import TabularConnector
from brygga.connectors.texts import LANGUAGES, TEMPLATES, english, joined, text
from brygga.contract import ActorType, ConnectionInfo, ErpActor
from brygga.contract.localised import PLAIN, parse, text_for

ROOM = Path(brygga.connectors.__file__).parent


def placeholders(template: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name)


def said() -> dict[str, set[str]]:
    """Each code that the room uses, with the names of the values given to it (none where they come as a mapping)."""
    found: dict[str, set[str]] = {}
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("text", "texts.text"):
                for constant in (one for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)):
                    names = {keyword.arg for keyword in node.keywords if keyword.arg}
                    found.setdefault(str(constant.value), set()).update(names)
    return found


def test_the_languages_are_those_of_the_product() -> None:
    assert set(LANGUAGES) == {code for code, _name in settings.LANGUAGES}


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_text_is_there_in_every_language_with_the_same_values(code: str) -> None:
    templates = TEMPLATES[code]
    assert len(templates) == len(LANGUAGES)
    assert all(template.strip() == template and template for template in templates)
    assert len({tuple(placeholders(template)) for template in templates}) == 1
    ends = {template[-1] in ".!?" for template in templates}
    assert len(ends) == 1


def test_each_text_is_used_and_given_its_values() -> None:
    used = said()
    by_row = {"row_without_id", "row_with_same_id"}
    assert used.keys() | by_row == TEMPLATES.keys()
    for code, names in used.items():
        assert names <= set(placeholders(TEMPLATES[code][0])), code


def test_no_sentence_is_left_in_one_language_alone() -> None:
    for path in ROOM.glob("*.py"):
        assert not re.search(r'(SourceError|failure)\(\s*f?"', path.read_text(encoding="utf-8")), path.name


def test_values_may_be_in_several_languages_themselves() -> None:
    localised = text("open_by", name='a "b".xlsx', owner=text("another_program"), mark="~$a")
    assert 'a "b".xlsx” är öppen hos ett annat program' in text_for(localised, "sv")
    assert english(localised).startswith('“a "b".xlsx” is open by another program.')
    assert PLAIN not in parse(localised)


def test_texts_are_joined_language_by_language() -> None:
    both = joined([text("csv_path"), text("workbook_path")])
    assert text_for(both, "de") == "Ordner\nDateiname"
    assert joined([]) == ""


@pytest.mark.parametrize(("language", "word"), [("en", "Found"), ("sv", "Hittade"), ("nb", "Fant"), ("nl", "Gevonden")])
def test_a_connection_test_speaks_the_readers_language(language: str, word: str, connector: TabularConnector) -> None:
    assert text_for(connector.test_connection(GUID).user_explanation, language).startswith(f"{word}")


def test_a_failure_speaks_the_readers_language_and_the_log_english(connector: TabularConnector) -> None:
    missing = connector.test_config_data(ConnectionInfo("", {"Filename": "gone.xlsx"}))
    assert text_for(missing.user_explanation, "de").startswith("„gone.xlsx“ wurde nicht gefunden.")
    unknown = connector.save_actors(GUID, [ErpActor(ActorType.CUSTOMER, "1", fields={"Nope": "x"})])
    assert unknown.tech_explanation.startswith("“Customer” has no column Nope")
    assert ':"' not in unknown.tech_explanation
