"""Defects of searches (rules S)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ActorsResponse, ActorType, ErpActor, FieldType, SearchError, SearchRestriction, search


class _OtherOperators(SampleConnector):
    """Takes operators for others; `_taken` has a restriction and the type of its field."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        fields = self._fields(actor_type)
        types = {key: field.type for key, field in fields.items()}
        return super()._test(actor_type, [self._taken(line, types.get(line.field_key)) for line in restrictions])

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return line


class _Excluding(SampleConnector):
    """Excludes what equals an operand of these operators."""

    operators: tuple[str, ...] = ()

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        test = super()._test(actor_type, restrictions)
        ends = [
            (line.field_key, value) for line in restrictions if line.operator in self.operators for value in line.values
        ]
        return lambda actor: test(actor) and all(actor.fields.get(key, "") != value for key, value in ends)


@breaks("S1")
class EmptyFindsNothing(SampleConnector):
    """Finds nothing for an empty search text."""

    def _mentions(self, actor: ErpActor, search_text: str) -> bool:
        return bool(search_text) and super()._mentions(actor, search_text)


@breaks("S1")
class FirstPageOnly(SampleConnector):
    """Finds no more than five actors."""

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer = super().search_actors(*question)
        return replace(answer, actors=list(islice(answer.actors, 5)))


@breaks("S2")
class FindsKeysOnly(SampleConnector):
    """Looks for a free text in the keys of actors only."""

    def _mentions(self, actor: ErpActor, search_text: str) -> bool:
        return search_text in actor.erp_key


@breaks("S3")
class FindsAlways(SampleConnector):
    """Finds all actors for every free text."""

    def _mentions(self, actor: ErpActor, search_text: str) -> bool:
        return True


@breaks("S3")
class FailsForNothing(SampleConnector):
    """Answers with a failure when nothing is found."""

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer = super().search_actors(*question)
        found = list(answer.actors)
        return replace(answer, actors=found) if found else answer.failure("No such actor was found.", "", "")


@breaks("S4")
class Wildcards(SampleConnector):
    """Takes a percent sign, a star and an underline in a free text for anything."""

    def _mentions(self, actor: ErpActor, search_text: str) -> bool:
        return super()._mentions(actor, search_text.translate({ord(sign): " " for sign in "%*_?"}))


@breaks("S5")
class BeginsIsContains(_OtherOperators):
    """Finds a text anywhere where it should be at the beginning."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return replace(line, operator="contains") if line.operator == "begins" else line


@breaks("S5")
class EndsIsEqual(_OtherOperators):
    """Finds a text at the end only if there is nothing before it."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return replace(line, operator="=") if line.operator == "ends" else line


@breaks("S5")
class IgnoresNot(_OtherOperators):
    """Does not see the `not` in the operators on texts."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        wanted = "=" if line.operator == "isnot" else line.operator.removeprefix("not")
        return replace(line, operator=wanted) if field_type is FieldType.TEXT else line


@breaks("S6")
class CaseSensitive(SampleConnector):
    """Tells capitals from small letters in a search for a text."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        test = super()._test(actor_type, restrictions)
        wanted = [
            (line.field_key, line.values[0])
            for line in restrictions
            if line.operator in ("=", "begins", "contains", "ends")
        ]
        return lambda actor: test(actor) and all(text in actor.fields.get(key, text) for key, text in wanted)


@breaks("S7")
class BetweenExcludesEnds(_Excluding):
    """Leaves out both ends of `between`."""

    operators = ("between",)


@breaks("S7")
class AtLeastIsAbove(_Excluding):
    """Takes `>=` and `<=` for `>` and `<`."""

    operators = (">=", "<=")


@breaks("S7")
class NumbersAsTexts(SampleConnector):
    """Compares numbers as texts, so that 10 comes before 9."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        test = super()._test(actor_type, restrictions)
        limits = [
            (line.field_key, _AS_TEXTS[line.operator], line.values[0])
            for line in restrictions
            if line.operator in _AS_TEXTS
        ]
        return lambda actor: (
            all(holds(actor.fields.get(key, ""), limit) for key, holds, limit in limits) if limits else test(actor)
        )


_AS_TEXTS: dict[str, Callable[[str, str], bool]] = {
    ">": lambda text, limit: text > limit,
    "<": lambda text, limit: text < limit,
}


@breaks("S8")
class CheckboxAlwaysOn(_OtherOperators):
    """Finds the checked ones whatever is asked of a checkbox."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return replace(line, values=["[I:1]"]) if field_type is FieldType.CHECKBOX else line


@breaks("S9")
class OneOfFirst(_OtherOperators):
    """Looks at the first value of `oneof` only."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return replace(line, values=line.values[:1]) if line.operator == "oneof" else line


@breaks("S9")
class NotOneOfIsOneOf(_OtherOperators):
    """Takes `notoneof` for `oneof`."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return replace(line, operator="oneof") if line.operator == "notoneof" else line


@breaks("S10")
class BeforeIsOnOrBefore(_OtherOperators):
    """Takes `before` for `beforeOrEqual`, and `after` for `afterOrEqual`."""

    def _taken(self, line: SearchRestriction, field_type: FieldType | None) -> SearchRestriction:
        return replace(line, operator=f"{line.operator}OrEqual") if line.operator in ("before", "after") else line


@breaks("S10")
class DatesNeverEqual(_Excluding):
    """Never finds a date that equals the one asked for."""

    operators = ("beforeOrEqual", "afterOrEqual")


@breaks("S11")
class AnyRestriction(SampleConnector):
    """Finds the actors for which one of the restrictions holds."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        tests = [super(AnyRestriction, self)._test(actor_type, [line]) for line in restrictions]
        return lambda actor: not tests or any(test(actor) for test in tests)


@breaks("S11")
class FirstRestriction(SampleConnector):
    """Sees the first restriction only."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        return super()._test(actor_type, restrictions[:1])


@breaks("S12")
class NoParentSearch(SampleConnector):
    """Ignores restrictions on the parent."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        parents = (search.PARENT_KEY, search.PARENT_TYPE)
        return super()._test(actor_type, [line for line in restrictions if line.field_key not in parents])


@breaks("S13")
class NoRestrictionsNothing(SampleConnector):
    """Finds nothing when there are no restrictions."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        test = super()._test(actor_type, restrictions)
        return lambda actor: bool(restrictions) and test(actor)


@breaks("S15")
class IgnoresUnknownOperator(SampleConnector):
    """Finds everything when it does not know the operator."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        try:
            return super()._test(actor_type, restrictions)
        except SearchError as error:
            if "operator" not in str(error):
                raise
            return lambda actor: True


@breaks("S16")
class IgnoresMisfitOperand(SampleConnector):
    """Finds everything when the operand does not fit the field."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        try:
            return super()._test(actor_type, restrictions)
        except SearchError as error:
            if "does not fit" not in str(error):
                raise
            return lambda actor: True
