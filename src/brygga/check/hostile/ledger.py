"""The sample ERP itself: the actors of one company in memory, with keys and stamps given in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

from brygga.contract import ActorType, ErpActor

_FIRST_NEW = 10_000


class Refusal(ValueError):
    """What the ERP does not do. The text is for users; `code` is a published error code or empty."""

    def __init__(self, text: str, code: str = "") -> None:
        self.code = code
        super().__init__(text)


class Ledger:
    """A company's actors. Every change gets the next stamp; stored actors are replaced, never edited, so that a
    reader in another thread has a consistent one."""

    def __init__(self, actors: Iterable[ErpActor]) -> None:
        self._guard = Lock()
        self._actors: dict[tuple[ActorType, str], ErpActor] = {}
        self._changes = 0
        for actor in actors:
            self._store(actor)

    def actors(self, actor_type: ActorType) -> list[ErpActor]:
        """All actors of a type, the one that was changed last at the end."""
        with self._guard:
            return [actor for actor in self._actors.values() if actor.actor_type == actor_type]

    def find(self, actor_type: ActorType, erp_key: str) -> ErpActor | None:
        """The actor with this key."""
        with self._guard:
            return self._actors.get((actor_type, erp_key))

    def create(self, actor: ErpActor) -> ErpActor:
        """Store a new actor under a new key; where the type has a number, the ERP gives that as well."""
        with self._guard:
            number = str(_FIRST_NEW + self._changes)
            fields = actor.fields | ({"Number": number} if "Number" in actor.fields else {})
            return self._store(replace(actor, erp_key=f"new-{number}", fields=fields))

    def save(self, changes: Sequence[ErpActor]) -> list[ErpActor]:
        """Change the given fields, and the parent if one is given, of all these actors or of none.

        Raises Refusal for an actor that does not exist.
        """
        with self._guard:
            for change in changes:
                if (change.actor_type, change.erp_key) not in self._actors:
                    raise Refusal(f'There is no {change.actor_type} "{change.erp_key}"; nothing was saved.')
            return [self._save(change) for change in changes]

    def _save(self, change: ErpActor) -> ErpActor:
        old = self._actors[change.actor_type, change.erp_key]
        moved = change if change.parent_key else old
        fields = {**old.fields, **change.fields}
        return self._store(replace(old, parent_type=moved.parent_type, parent_key=moved.parent_key, fields=fields))

    def _store(self, actor: ErpActor) -> ErpActor:
        """Stamp and keep; popped first, so that the order of the dictionary is the order of the stamps."""
        self._changes += 1
        stored = replace(actor, last_modified=str(self._changes))
        self._actors.pop((actor.actor_type, actor.erp_key), None)
        self._actors[actor.actor_type, actor.erp_key] = stored
        return stored
