"""What the operator sets: the environment variables that Brygga reads, all of them, in one place.

`read` is strict: a value that cannot be meant is refused, and every wrong variable is named at once, with what
to do about it. Nothing else in Brygga looks at environment variables, save the secrets that a configuration file
names by reference, and the proxies: HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read by the SOAP client.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SECRET_KEY = "BRYGGA_SECRET_KEY"
ENCRYPTION_KEYS = "BRYGGA_ENCRYPTION_KEYS"
HOST_CONNECTORS = "BRYGGA_HOST_CONNECTORS"
SECRETS_FILE = "secrets.env"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

_SHORTEST_SECRET = 32
_CONNECTOR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_BROKERS = ("redis", "rediss", "amqp", "amqps")
_POSTGRES_OPTIONS = frozenset(
    {"application_name", "connect_timeout", "host", "options", "sslcert", "sslkey", "sslmode", "sslrootcert"}
)
_WORDS = {"": False, "0": False, "no": False, "off": False, "false": False}
_WORDS |= {"1": True, "yes": True, "on": True, "true": True}


class SettingsError(Exception):
    """The environment cannot be used. `problems` holds one sentence per wrong variable, with what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Database:
    """Where the data lives. `vendor` is "sqlite" (then `name` is a file path) or "postgresql"."""

    vendor: str
    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Environment:
    """Everything the operator decides. `encryption_keys` are Fernet keys: the first encrypts, all of them decrypt.

    `applications` is the file that says who may be reached at `app://` addresses, None without one.
    `host_connectors` names the connectors that the server offers to other CRM installations. `ca_file` holds the
    certificates to trust instead of the system's when connectors are called. `trusted_proxy` is the address of the
    reverse proxy whose X-Forwarded headers are believed, `*` for whoever calls, empty for nobody.
    """

    home: Path
    database: Database
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    allowed_hosts: tuple[str, ...]
    broker_url: str | None = field(repr=False)
    debug: bool
    applications: Path | None
    host_connectors: tuple[str, ...]
    ca_file: Path | None
    trusted_proxy: str


def read(variables: Mapping[str, str]) -> Environment:
    """The environment that these variables describe; makes the data directory, and the secrets that are not set.

    Raises SettingsError with a sentence for each variable that is wrong.
    """
    reader = _Reader(variables)
    home = reader.home()
    database = reader.database(home)
    allowed_hosts = reader.allowed_hosts()
    broker_url = reader.broker_url()
    debug = reader.debug()
    applications = reader.applications()
    host_connectors = reader.host_connectors()
    ca_file = reader.ca_file()
    trusted_proxy = reader.trusted_proxy()
    secret_key, encryption_keys = reader.secrets(home)
    if reader.problems:
        raise SettingsError(reader.problems)
    return Environment(
        home,
        database,
        secret_key,
        encryption_keys,
        allowed_hosts,
        broker_url,
        debug,
        applications,
        host_connectors,
        ca_file,
        trusted_proxy,
    )


class _Reader:
    """Reads one variable per method and collects what is wrong; its answers count only while `problems` is empty."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def _get(self, name: str) -> str:
        return self._variables.get(name, "").strip()

    def home(self) -> Path:
        home = Path(self._get("BRYGGA_HOME") or "brygga-data").expanduser().absolute()
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            self.problems.append(
                f"BRYGGA_HOME: the data directory {home} cannot be made ({error.strerror}). "
                "Name a directory that Brygga's user may write to."
            )
        return home

    def database(self, home: Path) -> Database:
        url = self._get("DATABASE_URL")
        if not url:
            return Database("sqlite", str(home / "brygga.sqlite3"))
        try:
            return parse_database_url(url)
        except ValueError as error:
            self.problems.append(f"DATABASE_URL: {error}")
            return Database("sqlite", "")

    def allowed_hosts(self) -> tuple[str, ...]:
        hosts = _list(self._get("BRYGGA_ALLOWED_HOSTS"))
        for host in hosts:
            if "/" in host or " " in host or _has_port(host):
                self.problems.append(
                    f"BRYGGA_ALLOWED_HOSTS: {host!r} is not a host name. "
                    "Write names only, without http:// and port, separated by commas."
                )
        return hosts or LOCAL_HOSTS

    def broker_url(self) -> str | None:
        url = self._get("BRYGGA_BROKER_URL")
        if url and url.partition("://")[0] not in _BROKERS:
            self.problems.append(
                "BRYGGA_BROKER_URL: this is not the address of Redis or RabbitMQ. "
                "Write redis://HOST:6379/0 or amqp://USER:PASSWORD@HOST:5672//, or leave it out to run without one."
            )
        return url or None

    def debug(self) -> bool:
        word = self._get("BRYGGA_DEBUG").lower()
        if word not in _WORDS:
            self.problems.append(f"BRYGGA_DEBUG: {word!r} is neither yes nor no. Write 1 or 0.")
        return _WORDS.get(word, False)

    def applications(self) -> Path | None:
        text = self._get("BRYGGA_APPLICATIONS")
        path = Path(text).expanduser().absolute()
        if text and not path.is_file():
            self.problems.append(
                f"BRYGGA_APPLICATIONS: there is no file {path}. Name the file that describes the applications behind "
                "app:// addresses, or leave it out to use none."
            )
        return path if text else None

    def ca_file(self) -> Path | None:
        text = self._get("BRYGGA_CA_FILE")
        path = Path(text).expanduser().absolute()
        if text and not path.is_file():
            self.problems.append(
                f"BRYGGA_CA_FILE: there is no file {path}. Name a PEM file with the certificates of the issuers that "
                "connectors' servers use, or leave it out to trust the system's."
            )
        return path if text else None

    def trusted_proxy(self) -> str:
        text = self._get("BRYGGA_TRUSTED_PROXY")
        if text and text != "*" and not _is_address(text):
            self.problems.append(
                f"BRYGGA_TRUSTED_PROXY: {text!r} is not an address. Write the one that the reverse proxy calls from, "
                "as 127.0.0.1, or * where nobody but the proxy can reach the port."
            )
        return text

    def host_connectors(self) -> tuple[str, ...]:
        names = _list(self._get(HOST_CONNECTORS))
        wrong = [name for name in names if not _CONNECTOR_NAME.fullmatch(name)]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if wrong or twice:
            found = f"{wrong[0]!r} is not the name of a connector" if wrong else f"{twice[0]!r} stands there twice"
            self.problems.append(
                f"{HOST_CONNECTORS}: {found}. Write each name once, separated by commas, as "
                "`brygga connector list` shows them."
            )
        return names

    def secrets(self, home: Path) -> tuple[str, tuple[str, ...]]:
        given = {name: self._get(name) for name in (SECRET_KEY, ENCRYPTION_KEYS)}
        stored: Mapping[str, str] = {}
        if not all(given.values()):
            if not home.is_dir():
                return "", ()  # `home` has said what is wrong
            try:
                stored = _stored_secrets(home / SECRETS_FILE)
            except OSError as error:
                self.problems.append(
                    f"BRYGGA_HOME: {home / SECRETS_FILE} cannot be read or written ({error.strerror}). Give Brygga's "
                    f"user the right to, or set {SECRET_KEY} and {ENCRYPTION_KEYS}."
                )
                return "", ()
        chosen = {name: value or stored.get(name, "") for name, value in given.items()}
        return self._secret_key(chosen[SECRET_KEY]), self._encryption_keys(chosen[ENCRYPTION_KEYS])

    def _secret_key(self, key: str) -> str:
        if len(key) < _SHORTEST_SECRET:
            self.problems.append(
                f"{SECRET_KEY}: the key is missing or shorter than {_SHORTEST_SECRET} characters. Set a long random "
                f"text, or remove {SECRETS_FILE} from the data directory to have one made (everybody must log in anew)."
            )
        return key

    def _encryption_keys(self, text: str) -> tuple[str, ...]:
        keys = _list(text)
        if not keys or not all(_is_fernet_key(key) for key in keys):
            self.problems.append(
                f"{ENCRYPTION_KEYS}: each key must be 32 random bytes in URL-safe base64, and there must be one at "
                f"least. Put back the keys that were in use: without them stored passwords cannot be read."
            )
        return keys


def parse_database_url(url: str) -> Database:
    """`sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/NAME?sslmode=...` as a Database.

    Raises ValueError with what to do. The text never repeats the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the address is malformed. Percent-encode special characters in the password.") from None
    if parts.scheme == "sqlite":
        return _sqlite(parts)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(parts, port)
    raise ValueError("the database is not known. Write sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME.")


def _sqlite(parts: SplitResult) -> Database:
    path = unquote(parts.path).removeprefix("/")
    if parts.netloc or not path or path == ":memory:" or parts.query:
        raise ValueError("SQLite needs a file. Write sqlite:///PATH, with four slashes for an absolute path.")
    return Database("sqlite", str(Path(path).absolute()))


def _postgresql(parts: SplitResult, port: int | None) -> Database:
    name = unquote(parts.path).removeprefix("/")
    if not name or "/" in name:
        raise ValueError("the name of the PostgreSQL database is missing. Write it last: postgresql://HOST/NAME.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if options.keys() - _POSTGRES_OPTIONS:
        raise ValueError(f"after ? stands an unknown option. Known: {', '.join(sorted(_POSTGRES_OPTIONS))}.")
    host = unquote(parts.hostname or "") or options.pop("host", "")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Database("postgresql", name, user, password, host, port, options)


def _stored_secrets(path: Path) -> dict[str, str]:
    """The secrets in this file, which is made first when it is missing. Raises OSError."""
    if not path.exists():
        _make_secrets(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name.strip(): value.strip() for name, sep, value in (line.partition("=") for line in lines) if sep}


def _make_secrets(path: Path) -> None:
    """Write new secrets for the owner alone. The file appears whole, and the first of several processes wins."""
    fernet_key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    text = f"{SECRET_KEY}={secrets.token_urlsafe(48)}\n{ENCRYPTION_KEYS}={fernet_key}\n"
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # mkstemp makes it with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first, and its secrets are the ones in use
    finally:
        os.unlink(draft)


def _list(text: str) -> tuple[str, ...]:
    return tuple(item for part in text.split(",") if (item := part.strip()))


def _has_port(host: str) -> bool:
    return ":" in host and not (host.startswith("[") and host.endswith("]"))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_fernet_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
