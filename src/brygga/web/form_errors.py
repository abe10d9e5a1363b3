"""What a service refuses, said in the form that asked for it."""

from __future__ import annotations

from django import forms

from brygga.crm.errors import CrmError, InvalidValue


def show_error(form: forms.Form, error: CrmError) -> None:
    """Say at the field what is wrong with its value, and above the form what is not about one field."""
    if isinstance(error, InvalidValue) and error.key in form.fields:
        form.add_error(error.key, str(error.reason))
    else:
        form.add_error(None, error.user_message)
