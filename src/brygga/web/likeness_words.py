"""Why an actor and a record are thought to be the same, in words (behaviour U4, G5)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from brygga.erp.services.likeness import Reason

_WORDS = {
    Reason.VAT: gettext_lazy("VAT number"),
    Reason.NAME: gettext_lazy("Name"),
    Reason.PHONE: gettext_lazy("Phone"),
    Reason.EMAIL: gettext_lazy("E-mail"),
    Reason.ADDRESS: gettext_lazy("Address"),
}


def in_words(reasons: Iterable[str]) -> str:
    """The reasons, as `likeness` gives them or as they were stored, with commas between."""
    return ", ".join(str(_WORDS[Reason(reason)]) for reason in reasons)
