"""Places in a YAML file: nodes that know their line and the path of keys to them, and report what is wrong there.

Reading never stops at a problem: it is noted, the place reads as None, and the file is refused at the end with
all that was found.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

import yaml
from django.utils.translation import gettext as _

from brygga.erp.errors import ConfigProblem, InvalidConfiguration

_TAG = "tag:yaml.org,2002:"
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the file, the line of its key (from 1), the path of keys. `problems` is shared by a whole file."""

    node: yaml.Node
    line: int
    key: str
    problems: list[ConfigProblem]

    def problem(self, message: str) -> None:
        """Note that something is wrong here."""
        self.problems.append(ConfigProblem(self.line, self.key, message))

    def mapping(self, known: Collection[str] | None = None) -> dict[str, Place]:
        """The entries by key. Notes keys that come twice and, where `known` is given, unknown ones."""
        if not self.is_mapping:
            self.problem(_("expected keys with values here."))
            return {}
        entries: dict[str, Place] = {}
        for key_node, value in self.node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            path = f"{self.key}.{key}" if self.key else key
            entry = Place(value, _line(key_node), path, self.problems)
            if key in entries:
                entry.problem(_("the key comes twice."))
            elif known is not None and key not in known:
                entry.problem(unknown(key, known))
            else:
                entries[key] = entry
        return entries

    def items(self) -> list[Place]:
        """The items of a list, their keys counted from 1."""
        if not self.is_list:
            self.problem(_("expected a list here."))
            return []
        items = enumerate(self.node.value, start=1)
        return [Place(item, _line(item), f"{self.key}[{number}]", self.problems) for number, item in items]

    def renamed(self, key: str) -> Place:
        """The same place under a path that says more, such as a name in place of a number."""
        return Place(self.node, self.line, key, self.problems)

    def entry(self, key: str) -> Place:
        """The place of one key, or this place under its path where the key is left out; notes nothing."""
        pairs = self.node.value if self.is_mapping else []
        found = [(name, value) for name, value in pairs if isinstance(name, yaml.ScalarNode) and name.value == key]
        node, line = (found[0][1], _line(found[0][0])) if found else (self.node, self.line)
        return Place(node, line, f"{self.key}.{key}", self.problems)

    @property
    def is_faulty(self) -> bool:
        """Whether something is wrong here, or below: then what depends on it is not worth a problem of its own."""
        below = f"{self.key}."
        return any(problem.key == self.key or problem.key.startswith(below) for problem in self.problems)

    @property
    def is_mapping(self) -> bool:
        """Whether there are keys with values here."""
        return isinstance(self.node, yaml.MappingNode) and self.node.tag == f"{_TAG}map"

    @property
    def is_list(self) -> bool:
        """Whether there is a list here."""
        return isinstance(self.node, yaml.SequenceNode) and self.node.tag == f"{_TAG}seq"

    def text(self) -> str | None:
        """A text that is not blank."""
        if self._tag != "str":
            self.problem(_("expected a text here; put it in quotes if it looks like something else."))
            return None
        if not self.node.value.strip():
            self.problem(_("the text is empty."))
            return None
        return str(self.node.value)

    def value(self) -> str | None:
        """A field value of any type as plain text; on and off as 1 and 0, no value as an empty text."""
        tag = self._tag
        if tag == "bool":
            return "1" if self.boolean() else "0"
        if tag == "null":
            return ""
        if tag in ("str", "int", "float", "timestamp"):
            return str(self.node.value)
        self.problem(_("expected a single value here."))
        return None

    def boolean(self) -> bool | None:
        """`true` or `false`."""
        if self._tag != "bool":
            self.problem(_("expected true or false here."))
            return None
        return str(self.node.value).lower() in ("true", "yes", "on")

    def integer(self, lowest: int = -_LARGEST, highest: int = _LARGEST) -> int | None:
        """A whole number from `lowest` to `highest`."""
        try:
            number = int(self.node.value) if self._tag == "int" else None
        except ValueError:
            number = None
        if number is None:
            self.problem(_("expected a whole number here."))
        elif not lowest <= number <= highest:
            self.problem(_("expected a number from %(low)d to %(high)d.") % {"low": lowest, "high": highest})
            return None
        return number

    def choice(self, choices: Collection[str]) -> str | None:
        """One of the words."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.value not in choices:
            self.problem(_("expected one of: %(choices)s.") % {"choices": ", ".join(choices)})
            return None
        return str(self.node.value)

    @property
    def _tag(self) -> str:
        return str(self.node.tag).removeprefix(_TAG) if isinstance(self.node, yaml.ScalarNode) else ""


def read_place(text: str) -> Place | None:
    """The root of a file; None if the file is empty. Raises InvalidConfiguration for what is not YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or _("it can't be read")
        message = _("this is not YAML: %(reason)s.") % {"reason": reason}
        raise InvalidConfiguration([ConfigProblem(line, "YAML", message)]) from error
    return None if node is None else Place(node, _line(node), "", [])


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def unknown(key: str, known: Collection[str]) -> str:
    """A sentence that says that a key is unknown, with the nearest known one or all there are."""
    near = difflib.get_close_matches(key.lower(), [name.lower() for name in known], n=1)
    meant = [name for name in known if near and name.lower() == near[0]]
    if meant:
        return _('"%(key)s" is unknown. Did you mean "%(meant)s"?') % {"key": key, "meant": meant[0]}
    existing = ", ".join(list(known)[:20]) or _("none")
    return _('"%(key)s" is unknown. Known: %(known)s.') % {"key": key, "known": existing}
