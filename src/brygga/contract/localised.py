"""Localised text: plain, or a multi-language string such as `US:"Name";NO:"Navn"` (contract, section 5).

Within the quotes a quote is written `\\"` and a backslash `\\\\`. Reading also takes doubled quotes, missing
semicolons, backslashes that escape nothing and a missing last quote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CULTURES = {
    "US": "en",
    "NO": "nb",
    "SW": "sv",
    "DA": "da",
    "GE": "de",
    "NL": "nl",
    "FI": "fi",
    "FR": "fr",
    "IT": "it",
    "SP": "es",
    "PL": "pl",
    "RU": "ru",
    "CZ": "cs",
}
"""The language codes of the contract and the ISO 639-1 codes they stand for."""

PLAIN = ""
"""The key under which `parse` gives, and `compose` takes, a text that is not multi-language."""

_CODES = {language: code for code, language in CULTURES.items()}
_FALLBACK = "en"
_NORWEGIAN = frozenset({"no", "nn"})

_HEAD, _TAIL = r'\s*+([A-Z]{2}):"', r"\s*+;?"
_ENTRY = re.compile(rf"""{_HEAD}((?: [^"\\] | "" | \\["\\] | \\ )*+)"{_TAIL}""", re.VERBOSE)

# For peers that escape nothing: a backslash before what must be the closing quote is only a backslash.
_CLOSING = r'"\s*+(?:;?\s*+[A-Z]{2}:"|;?\s*+\Z)'
_LOOSE_ENTRY = re.compile(
    rf"""{_HEAD}((?: [^"\\] | "" | \\\\ | \\(?={_CLOSING}) | \\" | \\ )*+)(?:"|\Z){_TAIL}""", re.VERBOSE
)
_ESCAPED = re.compile(r'\\(["\\])|""')


def parse(raw: str) -> dict[str, str]:
    """The texts by ISO language code, in their order; a plain text is given under `PLAIN`, an empty one not at all.

    A code that the contract does not name is given in lower case. The first text of a language counts.
    """
    if not raw:
        return {}
    return _entries(raw, _ENTRY) or _entries(raw, _LOOSE_ENTRY) or {PLAIN: raw}


def compose(texts: Mapping[str, str]) -> str:
    """The multi-language string of texts by language (`en`, `nb`, `sv-SE` …); a text under `PLAIN` goes out plain.

    Raises ValueError for a language that has no two-letter code.
    """
    if PLAIN in texts:
        return texts[PLAIN]
    return ";".join(f'{_code(language)}:"{_escape(text)}"' for language, text in texts.items())


def text_for(raw: str, language: str) -> str:
    """The text for a language (`nb`, `nb-NO`); where it is missing or blank the English one, else the first."""
    if ':"' not in raw:
        return raw
    texts = parse(raw)
    candidates = (texts.get(PLAIN), texts.get(_primary(language)), texts.get(_FALLBACK), *texts.values())
    return next((text for text in candidates if text), "")


def _entries(raw: str, entry: re.Pattern[str]) -> dict[str, str]:
    """The texts by language if `raw` is made of such entries from end to end, else none."""
    texts: dict[str, str] = {}
    end = len(raw.rstrip())
    position = 0
    while position < end:
        found = entry.match(raw, position)
        if found is None:
            return {}
        texts.setdefault(CULTURES.get(found[1], found[1].lower()), _ESCAPED.sub(_unescape, found[2]))
        position = found.end()
    return texts


def _code(language: str) -> str:
    primary = _primary(language)
    if not re.fullmatch("[a-z]{2}", primary):
        raise ValueError(f'"{language}" is not a language with a two-letter code')
    return _CODES.get(primary, primary.upper())


def _primary(language: str) -> str:
    primary = language.replace("_", "-").split("-")[0].lower()
    return "nb" if primary in _NORWEGIAN else primary


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _unescape(escape: re.Match[str]) -> str:
    return escape[1] or '"'
