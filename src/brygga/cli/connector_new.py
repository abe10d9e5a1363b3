"""`brygga connector new`: a small project to begin a connector with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.metadata import entry_points
from pathlib import Path
from string import Template
from typing import Annotated

import typer

import brygga
from brygga import connectors
from brygga.cli.output import USAGE, fail

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connector's name: plugin://NAME refers to it.")]
Directory = Annotated[
    Path | None, typer.Option("--directory", help="The project's directory, which is made; brygga-NAME if left out.")
]

_TEMPLATES = "brygga.check.project"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "erp.json": "erp.json",
    "src/$package/__init__.py": "init.py",
    "src/$package/answering.py": "answering.py",
    "src/$package/connector.py": "connector.py",
    "src/$package/erp.py": "erp.py",
    "src/$package/fields.py": "fields.py",
    "tests/test_connector.py": "test_connector.py",
}
"""Where each file of the project goes, and the template it is made from."""


def new(name: Name, directory: Directory = None) -> None:
    """Make a project with a connector that works, its tests and a README. Nothing that exists is overwritten."""
    _check(name)
    project = directory or Path(f"brygga-{name}")
    try:
        project.mkdir(parents=True)
    except FileExistsError:
        fail(f"{project} exists already and is left as it is. Name a new directory with --directory.")
    except OSError as error:
        fail(f"{project} cannot be made ({error.strerror}). Name a directory where you may write with --directory.")
    for path, text in _made(name):
        _write(project / path, text)
    print(f"{project} is ready; its README tells the commands. Begin with:")
    print(f"  pip install -e {shlex.quote(f'{project}[test]')}")
    print(f"  pytest {shlex.quote(str(project))}")


def _check(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        fail(
            f'"{name}" is no name for a connector. Write small letters a to z, digits and single hyphens, a letter '
            f"first, {_LONGEST} characters at most.",
            USAGE,
        )
    if name in entry_points(group=connectors.GROUP).names:
        fail(f'There is a connector "{name}" on this server already. Choose another name.', USAGE)


def _made(name: str) -> Iterator[tuple[str, str]]:
    """The files of the project: paths within it, and texts."""
    placeholders = _placeholders(name)
    for path, template in _FILES.items():
        text = resources.files(_TEMPLATES).joinpath(f"{template}.tmpl").read_text(encoding="utf-8")
        yield Template(path).substitute(placeholders), Template(text).substitute(placeholders)


def _placeholders(name: str) -> Mapping[str, str]:
    title = name.replace("-", " ").title()
    return {
        "name": name,
        "title": title,
        "class_name": f"{title.replace(' ', '')}Connector",
        "project": f"brygga-{name}",
        "package": f"brygga_{name.replace('-', '_')}",
        "version": brygga.__version__,
    }


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}); the project is not complete. Remove it and try again.")
