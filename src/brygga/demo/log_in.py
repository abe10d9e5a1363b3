"""Who can log in to the demo. The password is made at the first start, and readable for the server's user only."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

FILE = "log-in.txt"


@dataclass(frozen=True)
class DemoUser:
    """A user of the demo."""

    name: str
    first_name: str
    language: str
    administrator: bool = False


USERS = (
    DemoUser("admin", "Astrid", "en", administrator=True),
    DemoUser("emma", "Emma", "en"),
    DemoUser("anna", "Anna", "sv"),
    DemoUser("mette", "Mette", "da"),
    DemoUser("klaus", "Klaus", "de"),
    DemoUser("ole", "Ole", "nb"),
    DemoUser("lotte", "Lotte", "nl"),
)


@dataclass(frozen=True)
class LogIns:
    """The one password of all users, and the file that keeps it."""

    password: str
    file: Path


def log_ins(folder: Path) -> LogIns:
    """The log-ins kept in this folder; the first call makes the password."""
    file = folder / FILE
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{secrets.token_urlsafe(9)}\n")
    return LogIns(file.read_text(encoding="utf-8").strip(), file)


def welcome(found: LogIns, address: str | None) -> str:
    """What the demo prints when it starts."""
    lines = ["", "  Brygga, the demo", ""]
    if address:
        lines.append(f"  Address    {address}")
    lines.append(f"  Password   {found.password}   (for all of them; kept in {found.file})")
    for place, user in enumerate(USERS):
        role = "administrator" if user.administrator else f"user, {user.language}"
        lines.append(f"  {'Log in as' if place == 0 else '':<9}  {user.name:<8} {role}")
    return "\n".join([*lines, ""])
