"""What the ready-made connectors tell people: each text in all languages, as one multi-language string.

Sentences for reading are in `texts_reading`, those for writing in `texts_writing`.
"""

from __future__ import annotations

from collections.abc import Iterable

from brygga.connectors.texts_reading import READING
from brygga.connectors.texts_writing import WRITING
from brygga.contract.localised import PLAIN, compose, parse, text_for

LANGUAGES = ("en", "sv", "da", "de", "nb", "nl")
"""The languages of the templates, in their order."""

TEMPLATES = {**READING, **WRITING}
"""Per code the sentence in each of LANGUAGES, with the names of its values in braces."""


def text(code: str, **values: object) -> str:
    """The multi-language string (contract, section 5) of a code; values may be multi-language themselves."""
    templates = zip(LANGUAGES, TEMPLATES[code], strict=True)
    return compose({language: template.format_map(_in(language, values)) for language, template in templates})


def joined(parts: Iterable[str], between: str = "\n") -> str:
    """Several multi-language strings as one, language by language; none gives an empty text."""
    found = list(parts)
    if len(found) < 2:
        return "".join(found)
    return compose({language: between.join(text_for(part, language) for part in found) for language in LANGUAGES})


def english(localised: str) -> str:
    """The English of a text, for the log."""
    texts = parse(localised)
    return texts.get("en") or texts.get(PLAIN, "")


def _in(language: str, values: dict[str, object]) -> dict[str, str]:
    return {name: text_for(str(value), language) for name, value in values.items()}
