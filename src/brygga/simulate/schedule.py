"""Schedules made from a seed: a list of steps, the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from brygga.simulate import scene
from brygga.simulate.maker import Maker
from brygga.simulate.steps import Step

_LONGEST = 24
_SKEWS = (0, 0, 0, 5, -40, 3600, -3600, 90_000)
"""Seconds by which an ERP's clock is ahead of the true time."""


@dataclass(frozen=True)
class Terms:
    """How a world is arranged: what settles conflicts, and how wrong the clocks are.

    `policy` is that of every connection, `own` has fields with one of their own: ERP, field key, policy. `crm_first`
    says where the CRM stands in the order of sync. `skews` are seconds by ERP.
    """

    policy: str
    own: tuple[tuple[str, str, str], ...]
    crm_first: bool
    skews: tuple[tuple[str, int], ...]

    def policy_of(self, erp: str, field: str) -> str:
        """What settles the conflicts of a field."""
        return next((policy for *place, policy in self.own if place == [erp, field]), self.policy)

    def skew_of(self, erp: str) -> int:
        """How far an ERP's clock is ahead, in seconds."""
        return dict(self.skews).get(erp, 0)

    def __str__(self) -> str:
        own = "".join(f", {policy} for {field} of {erp}" for erp, field, policy in self.own)
        clocks = "".join(f"; the clock of {erp} is off by {seconds:+} s" for erp, seconds in self.skews if seconds)
        return f"policy {self.policy}{own}; {'CRM' if self.crm_first else 'ERPs'} first{clocks}"


@dataclass(frozen=True)
class Schedule:
    """What a world is made of and what happens in it; `erps` are names of ERPs."""

    seed: int
    erps: tuple[str, ...]
    terms: Terms
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        head = f"{', '.join(self.erps)}; {self.terms}"
        return "\n".join([head, *(f"{number:3}. {step}" for number, step in enumerate(self.steps, 1))])


def make(seed: int) -> Schedule:
    """The schedule of a seed."""
    random = Random(seed)
    erps = ("North", "South", "West")[: random.choice((1, 2, 2, 3))]
    maker = Maker(random, erps)
    length = random.randint(4, _LONGEST)
    return Schedule(seed, erps, _terms(random, erps), tuple(maker.step() for _ in range(length)))


def _terms(random: Random, erps: tuple[str, ...]) -> Terms:
    fields = [(erp, field) for erp in erps for field in _two_way(erp)]
    chosen = random.sample(fields, k=random.choice((0, 0, 1, 2)))
    own = tuple((*place, random.choice(scene.POLICIES)) for place in chosen)
    skews = tuple((erp, random.choice(_SKEWS)) for erp in erps)
    return Terms(random.choice(scene.POLICIES), own, random.random() < 0.5, skews)


def _two_way(erp: str) -> list[str]:
    mapped: list[Mapping[str, tuple[str, str]]] = [scene.mapped(erp, kind) for kind in scene.CRM_KEYS]
    return [field for fields in mapped for field, (_crm, way) in fields.items() if way == "both"]
