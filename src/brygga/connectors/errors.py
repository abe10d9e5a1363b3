"""What goes wrong with a file, in words for the user."""

from __future__ import annotations

from brygga.connectors.texts import english


class SourceError(Exception):
    """A file or folder cannot be used as asked.

    `user` says what happened and what to do, in all languages (`brygga.connectors.texts`); `tech` is for the log;
    `code` is a published error code or empty.
    """

    def __init__(self, user: str, tech: str = "", code: str = "") -> None:
        super().__init__(english(user))
        self.user = user
        self.tech = tech or english(user)
        self.code = code


class ChangedMeanwhile(Exception):
    """The file was changed by somebody else between reading and writing; read again and apply again."""
