"""Defects of the values of actors (rules V)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ActorsResponse, ActorType, ErpActor, FieldType


class _OtherValues(SampleConnector):
    """Writes values in another form; `_form` has the value and its type."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        shown = super()._shown(actor, field_keys)
        types = {key: field.type for key, field in self._fields(actor.actor_type).items()}
        return replace(shown, fields={key: self._form(text, types[key]) for key, text in shown.fields.items()})

    def _form(self, text: str, field_type: FieldType) -> str:
        return text


@breaks("V1")
class AllFields(SampleConnector):
    """Answers with all fields, whichever were asked for."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        return super()._shown(actor, self._fields(actor.actor_type))


@breaks("V2")
class BareNumbers(_OtherValues):
    """Answers with numbers where texts should be."""

    def _form(self, text: str, field_type: FieldType) -> Any:
        return int(text[3:-1]) if text and field_type is FieldType.INTEGER else text


@breaks("V3")
class DecimalComma(_OtherValues):
    """Writes doubles with a decimal comma."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return text[3:-1].replace(".", ",") if field_type is FieldType.DOUBLE else text


@breaks("V3")
class ThousandSeparators(_OtherValues):
    """Writes doubles with a blank between the thousands."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return f"[F:{float(text[3:-1]):,}]".replace(",", " ") if text and field_type is FieldType.DOUBLE else text


@breaks("V3")
class YesAndNo(_OtherValues):
    """Writes checkboxes as yes and no."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return {"[I:1]": "yes", "[I:0]": "no"}.get(text, text) if field_type is FieldType.CHECKBOX else text


@breaks("V4")
class LocalDates(_OtherValues):
    """Writes dates as in Norway, the day first."""

    def _form(self, text: str, field_type: FieldType) -> str:
        _, _, digits = text[:14].partition(":")
        return f"{digits[3:5]}.{digits[:2]}.{digits[6:10]}" if text and field_type is FieldType.DATETIME else text


@breaks("V4")
class TimeZone(_OtherValues):
    """Adds a time zone to date-times."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return f"{text[:-1]}Z]" if text.startswith("[DT:") else text


@breaks("V5")
class TrueAndFalse(_OtherValues):
    """Writes checkboxes as true and false."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return {"[I:1]": "true", "[I:0]": "false"}.get(text, text) if field_type is FieldType.CHECKBOX else text


@breaks("V5")
class NoMarkers(_OtherValues):
    """Writes numbers without their marker."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return text[3:-1] if text.startswith(("[I:", "[F:")) else text


@breaks("V6")
class TooLong(_OtherValues):
    """Has texts that are longer than their field allows."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return f"{text:.<200}" if text and field_type is FieldType.TEXT else text


@breaks("V7")
class ControlCharacters(_OtherValues):
    """Leaves control characters of an old system in its texts."""

    def _form(self, text: str, field_type: FieldType) -> str:
        return f"{text}\x0b" if text and field_type is FieldType.TEXT else text


@breaks("V8")
class ListingDiffers(SampleConnector):
    """Lists actors with texts in capitals, and reads them by key as they are."""

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer = super().search_actors(*question)
        shouted = [replace(actor, fields={k: v.upper() for k, v in actor.fields.items()}) for actor in answer.actors]
        return replace(answer, actors=shouted)


@breaks("V8")
class OmitsLastField(SampleConnector):
    """Leaves out the last of the asked fields when actors are read by key."""

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        return super().get_actors(guid, actor_type, erp_keys, field_keys[:-1])


@breaks("V9")
class ValuesByPlace(SampleConnector):
    """Gives the values of the first fields when fewer than all are asked for."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        values = actor.fields.values()
        return replace(actor, fields=dict(zip(field_keys, values, strict=False)))
