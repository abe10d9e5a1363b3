"""Files on disk: where they may lie, who has them open, locking between processes, atomic replacement."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from brygga.connectors.errors import ChangedMeanwhile, SourceError
from brygga.connectors.texts import text

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_TIMEOUT = 30.0
"""Seconds to wait for another process that reads or writes the same file."""

MAX_FILE_BYTES = 200 * 1024 * 1024
"""Largest file that is read, in bytes."""

_CLOCK_TICK = 20_000_000  # ns; file times move in ticks, so two writes within one look like one


def home() -> Path:
    """The data directory, `BRYGGA_HOME` or ./brygga-data, as an absolute path."""
    return Path(os.path.realpath(os.environ.get("BRYGGA_HOME") or "brygga-data"))


def resolve(configured: str) -> Path:
    """The real path of a configured file or folder.

    A relative path must stay under `home()`; an absolute one must lie under a directory of `BRYGGA_FILE_ROOTS`
    (os.pathsep between them), if that is set. Raises SourceError.
    """
    given = configured.strip()
    if not given or "\0" in given or given.startswith("~"):
        raise SourceError(text("no_path", path=configured))
    roots = _roots() if os.path.isabs(given) else [home()]
    real = Path(os.path.realpath(home() / given))
    if roots and not any(real.is_relative_to(root) for root in roots):
        raise SourceError(text("outside", path=configured))
    return real


def _roots() -> list[Path]:
    listed = os.environ.get("BRYGGA_FILE_ROOTS", "").split(os.pathsep)
    return [Path(os.path.realpath(root)) for root in listed if root]


@dataclass(frozen=True, slots=True)
class Version:
    """Tells one state of a file from another without reading it. `settled` is False if the file was written so
    recently that a further change could bear the same time."""

    inode: int
    size: int
    modified: int
    changed: int
    settled: bool = True


def version(path: Path) -> Version:
    """The present version of a file. Raises SourceError if there is no such file."""
    try:
        return _version(path.stat())
    except OSError as error:
        raise _unreadable(path, error) from error


def _version(status: os.stat_result) -> Version:
    settled = time.time_ns() - status.st_mtime_ns > _CLOCK_TICK
    return Version(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, settled)


def same(old: Version, new: Version) -> bool:
    """Whether the file is surely the one that was read as `old`."""
    return same_file(old, new) and old.settled


def same_file(old: Version, new: Version) -> bool:
    """Whether nothing tells the two versions apart."""
    return _identity(old) == _identity(new)


def _identity(version: Version) -> tuple[int, int, int, int]:
    return version.inode, version.size, version.modified, version.changed


def read(path: Path) -> tuple[bytes, Version]:
    """The content of a file and its version. Raises SourceError for a missing, unreadable or oversized file."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(text("no_file", name=path.name), f"{path} is not a regular file")
            if status.st_size > MAX_FILE_BYTES:
                raise SourceError(text("too_large", name=path.name, limit=MAX_FILE_BYTES >> 20))
            return file.read(), _version(status)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        user = text("not_found", name=path.name)
    elif isinstance(error, PermissionError):
        user = text("no_right", name=path.name)
    else:
        user = text("unreadable", name=path.name, reason=error.strerror or error)
    return SourceError(user, f"{path}: {error!r}")


def refuse_if_open(path: Path) -> None:
    """Raises SourceError if an office program has the file open: what we wrote would be lost when it saves."""
    for owner in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if owner.exists():
            who = _owner_name(owner) or text("another_program")
            raise SourceError(text("open_by", name=path.name, owner=who, mark=owner.name), f"{owner} exists")


def _owner_name(owner: Path) -> str:
    """The name that the owner file tells, if any: Excel's starts with a length byte and the name."""
    try:
        data = owner.read_bytes()[:200]
    except OSError:
        return ""
    if owner.name.startswith(".~lock."):
        name = data.decode("utf-8", "replace").split(",")[1:2]
    else:
        name = [data[1 : 1 + data[0]].decode("cp1252", "replace")] if data else []
    owner_name = name[0].strip() if name else ""
    return owner_name if owner_name.isprintable() else ""


@contextlib.contextmanager
def locked(path: Path, lock_folder: Path, timeout: float | None = None) -> Iterator[None]:
    """Hold the lock on a file against other threads and processes of this server. It ends with the process.

    Raises SourceError if it is not to be had within `timeout` seconds.
    """
    lock_folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    deadline = time.monotonic() + (LOCK_TIMEOUT if timeout is None else timeout)
    with open(lock_folder / f"{name}.lock", "a+b") as file:
        while not _take(file.fileno()):
            if time.monotonic() > deadline:
                raise SourceError(text("in_use", name=path.name), "lock timeout")
            time.sleep(0.01)
        try:
            yield
        finally:
            _release(file.fileno())


if sys.platform == "win32":

    def _take(descriptor: int) -> bool:
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def replace(path: Path, content: bytes, read_as: Version) -> None:
    """Replace a file at once and durably, keeping its permissions; the caller holds the lock.

    Raises ChangedMeanwhile if the file is no longer the one that was read, SourceError if it can't be written.
    A process killed at any point leaves the old content or the new.
    """
    temporary = path.with_name(f".{path.name}.brygga-tmp")
    try:
        status = path.stat()
        _write_durably(temporary, content, status)
        refuse_if_open(path)
        if not same_file(_version(path.stat()), read_as):
            raise ChangedMeanwhile(str(path))
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        user = text("unwritable", name=path.name, reason=error.strerror or error)
        raise SourceError(user, f"{path}: {error!r}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _write_durably(temporary: Path, content: bytes, like: os.stat_result) -> None:
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if hasattr(os, "fchown"):
            with contextlib.suppress(OSError):  # only root may give files away
                os.fchown(descriptor, like.st_uid, like.st_gid)
        os.chmod(temporary, stat.S_IMODE(like.st_mode))
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
