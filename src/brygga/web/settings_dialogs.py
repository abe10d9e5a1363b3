"""The dialogs of Settings and maintenance: a form, an order, a deletion (behaviour C4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.errors import CrmError, Refused
from brygga.web.dialogs import Around, done, in_dialog
from brygga.web.form_errors import show_error
from brygga.web.ranking import is_move, order_in


class DialogForm(forms.Form):
    """A form in a dialog: its controls look as all do, and the first one takes the focus."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = "input"

    def focus(self) -> None:
        """Let the first control that needs a correction take the focus, or else the first of all."""
        fields = [key for key in [*self.errors, *self.fields] if key in self.fields]
        for key in fields[:1]:
            self.fields[key].widget.attrs["autofocus"] = True


class NameForm(DialogForm):
    """A name, which is all that some things have."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """Something that has a place in an order."""

    id: str
    name: str
    more: str = ""


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None where it is only to be shown."""
    return request.POST if request.method == "POST" else None


def form_dialog(
    request: HttpRequest,
    around: Around,
    title: str,
    form: DialogForm,
    carry_out: Callable[[], str | None],
    template: str = "web/settings/form.html",
    **more: Any,
) -> HttpResponse:
    """Show a form, and when it is posted and right do what it is for; what is refused is said in the form.

    `carry_out` gives the address to go to, None for the page around.
    """
    if request.method == "POST" and form.is_valid():
        try:
            return done(request, carry_out() or around.url)
        except CrmError as refused:
            show_error(form, refused)
    form.focus()
    context = {"title": title, "form": form, "action": request.path, "error": bool(form.errors), "submit": _("Save")}
    return in_dialog(request, around, template, context | more)


def rank_dialog(
    request: HttpRequest,
    around: Around,
    title: str,
    ranked: Sequence[Ranked],
    save: Callable[[list[str]], None],
) -> HttpResponse:
    """Show an order to be changed, and store the one that is posted."""
    by_id = {one.id: one for one in ranked}
    order = order_in(request.POST, list(by_id))
    if request.method == "POST" and not is_move(request.POST):
        save(order)
        return done(request, around.url)
    context = {"title": title, "ranked": [by_id[id_] for id_ in order], "action": request.path}
    return in_dialog(request, around, "web/settings/rank.html", context)


def gone(request: HttpRequest, around: Around, title: str, refused: Refused) -> HttpResponse:
    """Say that what the dialog is about is not there any more."""
    return in_dialog(request, around, "web/settings/gone.html", {"title": title, "error": refused.user_message})
