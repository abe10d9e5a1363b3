"""What went wrong as data: a code with its parameters is stored, and becomes text in the language of whoever reads.

Links, connections and runs store problems; screens, commands and the log show them. A sentence that a connector
wrote is kept as it came, in all its languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from brygga.contract.localised import text_for
from brygga.merge import Misfit

TEXTS: Mapping[str, Any] = {
    # A value that does not fit its target: the codes of `brygga.merge.values.MESSAGES`
    "too_long": _("The text has %(length)s characters and the field takes %(max_length)s. Shorten it."),
    "not_a_number": _("“%(value)s” is not a number that the field can hold as it is written. Correct it."),
    "not_a_date": _("“%(value)s” is not a date that the field can hold. Correct it."),
    "not_a_checkbox": _("“%(value)s” is neither on nor off. Use 1 or 0."),
    "unknown_item": _("The list item “%(value)s” has no counterpart on the other side. Add it to the list mapping."),
    "fraction": _("%(value)s has decimals and the field takes whole numbers. Round it."),
    "would_lose_digits": _("%(value)s has more digits than the field can hold. Shorten it."),
    "would_lose_time": _("%(value)s has a time of day and the field takes dates only. Remove the time."),
    "mandatory_blank": _("The field must have a value, and the other side is blank. Fill it in there."),
    "no_conversion": _("A value of type %(source)s can't be written to a field of type %(target)s."),
    # A record
    "conflict": _("Both sides were changed."),
    "erp_gone": _("The ERP system no longer has this record."),
    "crm_deleted": _("The CRM record was deleted. The ERP record is left as it is."),
    "not_confirmed": _("The ERP system did not confirm that it saved this record."),
    "no_company_link": _("Its company, %(type)s %(key)s, is not linked. Import or connect the company first."),
    "several_same": _("Several CRM records have the same %(field)s."),
    "linked_already": _("The CRM record with the same %(field)s is linked already."),
    "linked": _("The record or %(key)s is linked already."),
    "created_without_key": _("The ERP system did not say which record it created."),
    "create_under_way": _(
        "The ERP system may still be creating this record, for an earlier try got no answer. Try again in "
        "%(seconds)s seconds."
    ),
    "create_in_doubt": _(
        "An earlier try may have created %(type)s %(keys)s, which looks alike. Connect it if it is the one, or give up "
        "the earlier try and create again."
    ),
    "two_actors": _(
        "The company was merged with %(company)s, which is connected to %(key)s already, so two records of the ERP "
        "system stand for one company. Join them there, or leave this one unconnected."
    ),
    "moved_in_erp": _(
        "In the ERP system the person now belongs to %(home)s, in the CRM to %(company)s. Move the contact to "
        "%(home)s, or keep it where it is."
    ),
    "moved_in_crm": _(
        "In the CRM the contact belongs to %(company)s, in the ERP system to %(home)s. Move the person in the ERP "
        "system, move the contact to %(home)s, or keep it where it is."
    ),
    "other_company": _("The contact with the same %(field)s belongs to another company."),
    "import_linked": _("It is linked already."),
    "import_duplicate": _("A CRM record with the same %(field)s is there already."),
    # An item of a plan
    "plan_moved": _("The record has been changed since the plan was made. Make a new plan."),
    "plan_mapping_changed": _("The field is no longer mapped as it was. Make a new plan."),
    "plan_not_linked": _("The record is no longer linked with this record of the ERP system."),
    "plan_busy": _("Somebody else is carrying out this plan. Try again in a moment."),
    "undo_changed_since": _("The value has been changed since, so it is left as it is."),
    "undo_created": _("Records that were created in the ERP system can't be deleted from here. Delete it there."),
    "undo_imported": _("The record was created by this import. Undo the import, run %(run)s, to delete the record."),
    "undo_in_use": _("The record is linked with another connection or has contacts, so it is not deleted."),
    # A connection
    "many_failed": _(
        "%(failed)s records failed in one run, more than the limit of %(limit)s, so sync of this connection is paused. "
        "See what they have in common, and then let it go on."
    ),
    "many_gone": _(
        "%(gone)s of the %(looked)s records that were looked for are missing in the ERP system. None of them is "
        "marked as missing, and sync of this connection is paused. Check that it leads to the right company and that "
        "its user may see all records; then let it go on."
    ),
    "busy": _("Another run is at work on this connection, so this one left it alone. Try again in a moment."),
    "lease_lost": _("Another server took over this connection because this one was too slow."),
    "connector_raised": _(
        "The connector failed unexpectedly. Try again; if it goes on, show the log to whoever keeps the connector."
    ),
    "connector_silent": _("The connector reports a failure and gives no reason. The log may say more."),
    "no_connector": _('No connector "%(name)s" is installed on this server. Install it, or correct the URL.'),
    "unknown_address": _(
        '"%(url)s" is not an address of a connector. It starts with plugin://, https://, http:// or app://.'
    ),
    "bad_address": _('"%(url)s" can\'t be used as an address: %(reason)s'),
    "unprotected_address": _(
        "This address is called without encryption, so passwords and data can be read on the way. Use https, unless "
        "the network between is closed."
    ),
    "unknown_application": _(
        'The application "%(id)s" is not set up on this server. Add it to the file that BRYGGA_APPLICATIONS names.'
    ),
    # A job
    "job_failed": _(
        "The job failed unexpectedly. Start it again; if it goes on, show the log to whoever keeps this server."
    ),
    "job_given_up": _(
        "The server or the database went down each time this job was begun, so it is given up. Show the log to whoever "
        "keeps this server."
    ),
    # A call that brought no answer: the reasons of `brygga.soap.failures`
    "call_unreachable": _(
        "The connector can't be reached. Check that it runs, its address, and the network between it and this server."
    ),
    "call_connect_timeout": _(
        "The connector can't be reached in time. Check its address, and that no firewall stands between."
    ),
    "call_read_timeout": _("The connector took too long to answer. It is called again later; ask its keeper why."),
    "call_broken_off": _("The connection to the connector broke off before the whole answer came. It is tried again."),
    "call_untrusted": _(
        "The connector's certificate is not trusted. Have it renewed, or name its issuer's in BRYGGA_CA_FILE."
    ),
    "call_not_found": _("There is no connector at this address (%(status)s). Correct the URL."),
    "call_not_authorised": _("The connector does not let this server in. Check the keys that were exchanged."),
    "call_refused_by_server": _("The server at the connector's address refused the call (%(status)s). Check the URL."),
    "call_server_busy": _(
        "The connector's server is busy or under maintenance (%(status)s). It is called again later."
    ),
    "call_server_failed": _("The connector's server failed (%(status)s). Ask whoever keeps the connector."),
    "call_fault": _("The connector reports a fault of its own. The log says more; ask whoever keeps the connector."),
    "call_not_soap": _("What answers at this address is not a sync connector. Correct the URL."),
    "call_bad_xml": _("The connector's answer can't be read. The log says more; ask whoever keeps the connector."),
    "call_too_large": _("The connector's answer is larger than this server accepts. Ask whoever keeps the connector."),
    # What somebody else has put into words: the connector, or an earlier version of Brygga
    "text": "%(text)s",
}
"""The sentence of each code, with the names of its parameters."""

REFUSALS: Mapping[str, Any] = {
    "too_long": _("Not written: the text is too long"),
    "not_a_number": _("Not written: not a number"),
    "not_a_date": _("Not written: not a date"),
    "not_a_checkbox": _("Not written: neither on nor off"),
    "unknown_item": _("Not written: the list item is not mapped"),
    "fraction": _("Not written: decimals in a whole number"),
    "would_lose_digits": _("Not written: too many digits"),
    "would_lose_time": _("Not written: the field takes no time of day"),
    "mandatory_blank": _("Not written: the field must have a value"),
    "no_conversion": _("Not written: the types do not go together"),
}
"""The same in few words, for a log entry of a value that was not written."""

_REFUSED = "refused: "
_UNANSWERED = "unanswered: "
_KINDS = {
    "text": _("text"),
    "integer": _("integer"),
    "double": _("decimal number"),
    "checkbox": _("checkbox"),
    "list": _("list"),
    "date": _("date"),
    "datetime": _("date and time"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A code of TEXTS and its parameters, JSON-native. As a string it is the sentence for the present reader."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return text_of(self.code, self.params)

    def stored(self) -> dict[str, Any]:
        """The problem as JSON."""
        return {"code": self.code, "params": dict(self.params)}


def told(text: object) -> Problem:
    """A problem that is already in words: plain, or in several languages (contract, section 5)."""
    return Problem("text", {"text": str(text)})


def misfit_problem(misfit: Misfit) -> Problem:
    """Why a value does not fit its target."""
    return Problem(misfit.code, misfit.params)


def issue(erp_field: str, problem: Problem, value: Any = None, target: str = "") -> dict[str, Any]:
    """A problem as a link keeps it: with the ERP field, if it is about one, its value and the side it was meant for."""
    return {"field": erp_field, **problem.stored(), "value": value, "target": target}


def restored(stored: Mapping[str, Any]) -> Problem | None:
    """The problem in what was stored, whatever else stands there; None where there is none.

    What was stored before there were parameters has its sentence, in English, under "text".
    """
    code = stored.get("code", "")
    if "params" in stored:
        return Problem(code, stored["params"])
    if code in TEXTS and "%" not in str(TEXTS[code]):
        return Problem(code)
    text = stored.get("text", "")
    return told(text) if text else None


def text_in(stored: Mapping[str, Any]) -> str:
    """The sentence of what was stored, for the present reader; empty where there is no problem."""
    return str(restored(stored) or "")


def text_of(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a code in the reader's language; a code of a later version is shown as it is."""
    try:
        return str(TEXTS[code]) % {name: _shown(name, value) for name, value in params.items()}
    except KeyError:
        return str(params.get("text") or code)


def refusal_rule(code: str) -> str:
    """The rule under which the log keeps a value that was not written."""
    return f"{_REFUSED}{code}"


def unanswered_rule(rule: str) -> str:
    """The rule under which the log keeps a value that was sent by this rule, never answered for, and not found since:
    it did not arrive, or was replaced before anybody looked (docs/promises.md, I5)."""
    return f"{_UNANSWERED}{rule}"


def is_unanswered(rule: str) -> bool:
    """Whether the value of a log entry was sent, never answered for, and not found since."""
    return rule.startswith(_UNANSWERED)


def chosen_by(rule: str) -> str:
    """The rule that chose the value of a log entry, whether or not it was answered for."""
    return rule.removeprefix(_UNANSWERED)


def refusal_text(rule: str) -> str:
    """Why the value of a log entry was not written, as far as is known, in few words; empty for one that was."""
    if is_unanswered(rule):
        return str(_("Sent without an answer, and not found there later"))
    if not rule.startswith(_REFUSED):
        return ""
    code = rule.removeprefix(_REFUSED)
    return str(REFUSALS.get(code, code))


def _shown(name: str, value: Any) -> str:
    if name == "text":
        return text_for(str(value), get_language() or "en")
    if name in ("source", "target"):
        return str(_KINDS.get(value, value))
    return number_format(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
