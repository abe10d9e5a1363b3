"""Who may be reached at `app://` addresses, and who may call this host: the file that BRYGGA_APPLICATIONS names.

The form of the file is shown in docs/app-addresses.md. Paths in it count from the directory of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

from brygga.soap.handshake_tokens import ISSUER
from brygga.soap.keys import BadKey, PublicKey, read_private, read_public

T = TypeVar("T")


class ApplicationsError(Exception):
    """The file cannot be used. `problems` has one sentence for each key at fault, which it starts with."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who we are when we call: what signs our tokens, and the issuer they name."""

    private_key: rsa.RSAPrivateKey = field(repr=False)
    issuer: str


@dataclass(frozen=True, slots=True)
class ClientApplication:
    """A connector behind `app://ID`, as it is registered with us.

    `namespace` is the XML namespace of its handshake, `data_namespace` that of the members in it. `context` is
    the customer's context identifier that it is told.
    """

    id: str
    url: str
    public_key: rsa.RSAPublicKey = field(repr=False)
    namespace: str
    data_namespace: str
    context: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class HostApplication:
    """The application that this host is, and whom it lets in. `require`: refuse calls without a handshake."""

    id: str
    private_key: rsa.RSAPrivateKey = field(repr=False)
    caller_certificates: tuple[PublicKey, ...]
    issuer: str
    require: bool


@dataclass(frozen=True)
class Applications:
    """What the file says: the applications that may be called, and the one that this host is, if any."""

    clients: tuple[ClientApplication, ...] = ()
    host: HostApplication | None = None

    def find(self, application_id: str) -> ClientApplication:
        """The application with this id, in any case of letters. Raises LookupError."""
        for application in self.clients:
            if application.id.casefold() == application_id.casefold():
                return application
        raise LookupError(f"no application {application_id!r} is set up; add it to the file in BRYGGA_APPLICATIONS")


def load(path: Path) -> Applications:
    """Read the file and the keys that it names. Raises ApplicationsError with all that is wrong."""
    root = _Section(_read_yaml(path), "", path.parent, [])
    root.refuse_unknown("client", "host")
    if not root.values:
        root.problems.append("the file says nothing. Write a section client, host, or both.")
    clients = _clients(root.section("client")) if "client" in root.values else ()
    host = _host(root.section("host")) if "host" in root.values else None
    if root.problems:
        raise ApplicationsError(path, root.problems)
    return Applications(clients, host)


class _Loader(yaml.SafeLoader):
    """The safe loader, which besides refuses a key that comes twice: one of the two would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} comes twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise ApplicationsError(path, [f"the file cannot be read ({error.strerror}). Correct its path."]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it is no such text"
        raise ApplicationsError(path, [f"this is not YAML{line}: {reason}. Correct it."]) from None


@dataclass
class _Section:
    """Keys with values under one key of the file. Notes what is wrong; its answers count only if nothing is."""

    values: Any
    key: str
    directory: Path
    problems: list[str]

    def __post_init__(self) -> None:
        if not isinstance(self.values, Mapping) or not all(isinstance(name, str) for name in self.values):
            if self.values is not None:
                self.problems.append(f"{self.key or 'file'}: expected keys, which are texts, with values here.")
            self.values = {}

    def refuse_unknown(self, *known: str) -> None:
        for name in self.values:
            if name not in known:
                self.problem(name, f"the key is unknown. Known: {', '.join(known)}.")

    def problem(self, name: str, text: str) -> None:
        self.problems.append(f"{self.path(name)}: {text}")

    def path(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name

    def section(self, name: str) -> _Section:
        """The section with this name, an empty one if it is left out."""
        return _Section(self.values.get(name), self.path(name), self.directory, self.problems)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            self.problem(name, "expected a text. Put it in quotes if it looks like something else.")
            return ""
        if not value.strip():
            self.problem(name, "it is missing. Write a value.")
        return value.strip()

    def url(self, name: str) -> str:
        text = self.text(name)
        if text and not _is_web_address(text):
            self.problem(name, "this is no address. Write https://HOST/PATH, or http:// within a closed network.")
        return text

    def boolean(self, name: str, default: bool) -> bool:
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            self.problem(name, "expected true or false.")
        return value is True

    def key_file(self, name: str, read: Callable[[Path], T]) -> T | None:
        text = self.text(name)
        return self._key(name, text, read) if text else None

    def key_files(self, name: str, read: Callable[[Path], T]) -> tuple[T, ...]:
        """The keys in a list of files, at least one; a single file may stand without a list."""
        value = self.values.get(name)
        texts = value if isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
            self.problem(name, "expected the path of a file, or a list of such paths.")
            return ()
        return tuple(key for text in texts if (key := self._key(name, text.strip(), read)) is not None)

    def _key(self, name: str, text: str, read: Callable[[Path], T]) -> T | None:
        try:
            return read(self.directory / text)
        except BadKey as error:
            self.problem(name, str(error))
            return None


def _clients(section: _Section) -> tuple[ClientApplication, ...]:
    section.refuse_unknown("caller", "applications")
    caller, listed = _caller(section.section("caller")), section.section("applications")
    if not listed.values:
        section.problem("applications", "it is missing. Write at least one application under its id.")
    names = [name.casefold() for name in listed.values]
    for name in listed.values:
        if names.count(name.casefold()) > 1:
            listed.problem(name, "the application comes twice; the case of letters does not count. Remove one.")
    found = [_client(name, listed.section(name), caller) for name in listed.values]
    return tuple(client for client in found if client)


def _caller(section: _Section) -> Caller | None:
    section.refuse_unknown("private_key", "issuer")
    private_key = section.key_file("private_key", read_private)
    issuer = section.text("issuer", ISSUER)
    return Caller(private_key, issuer) if private_key else None


def _client(application_id: str, section: _Section, caller: Caller | None) -> ClientApplication | None:
    section.refuse_unknown("url", "public_key", "namespace", "data_namespace", "context")
    url, context = section.url("url"), section.text("context")
    public_key = section.key_file("public_key", read_public)
    namespace = section.text("namespace")
    data_namespace = section.text("data_namespace", namespace) if "data_namespace" in section.values else namespace
    if not public_key or not caller:
        return None
    return ClientApplication(application_id, url, public_key.key, namespace, data_namespace, context, caller)


def _host(section: _Section) -> HostApplication | None:
    section.refuse_unknown("application_id", "private_key", "caller_certificates", "issuer", "require")
    application_id = section.text("application_id")
    private_key = section.key_file("private_key", read_private)
    certificates = section.key_files("caller_certificates", read_public)
    issuer, require = section.text("issuer", ISSUER), section.boolean("require", default=True)
    return HostApplication(application_id, private_key, certificates, issuer, require) if private_key else None


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
