"""What there is to translate, read from the sources, and what the catalogues hold; without the gettext tools."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from django.utils.translation.template import templatize

import brygga

PACKAGE = Path(brygga.__file__).parent
LOCALE = PACKAGE / "web" / "locale"
LANGUAGES = ("da", "de", "nb", "nl", "sv")

Message: TypeAlias = tuple[str, str]
"""A message as gettext knows it: the singular and, where there is one, the plural."""

_SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_TEMPLATE_CALL = re.compile(r"""\b(?:n?gettext|_)\((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|[^()'"])*\)""")
_STRING = r'"((?:[^"\\]|\\.)*)"'


def messages() -> set[Message]:
    """Every message of the sources and templates."""
    return {*_in_sources(), *_in_templates()}


def catalogue(language: str) -> dict[Message, list[str]]:
    """Each message of the text catalogue with its translations, of which plurals have two."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    found: dict[Message, list[str]] = {}
    for block in text.split("\n\n"):
        entry = dict(re.findall(rf"^(\S+) {_STRING}$", block, re.MULTILINE))
        message = _unquoted(entry.get("msgid", "")), _unquoted(entry.get("msgid_plural", ""))
        if message[0]:
            found[message] = [_unquoted(text) for name, text in entry.items() if name.startswith("msgstr")]
    return found


def is_fuzzy(language: str) -> bool:
    """Whether a translation is marked as a guess."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    return bool(re.search(r"^#,.*\bfuzzy\b", text, re.MULTILINE))


def compiled(language: str) -> dict[str, str]:
    """What the compiled catalogue holds: message to translation, the singular for a plural."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        held = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {
        key if isinstance(key, str) else key[0]: text
        for key, text in held.items()
        if key and (isinstance(key, str) or key[1] == 0)
    }


def _in_sources() -> Iterator[Message]:
    for path in PACKAGE.rglob("*.py"):
        yield from _calls(path.read_text(encoding="utf-8"))


def _in_templates() -> Iterator[Message]:
    for path in PACKAGE.rglob("*.html"):
        for call in _TEMPLATE_CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            yield from _calls(call)


def _calls(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if node.func.id in _SINGULAR and texts:
            yield texts[0], ""
        if node.func.id in _PLURAL and len(texts) == 2:
            yield texts[0], texts[1]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), text)
