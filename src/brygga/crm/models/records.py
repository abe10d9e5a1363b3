"""Companies, contacts and projects with the standard fields of behaviour F; a column is its key in lower case."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brygga.crm.models.lists import CrmListItem

USER_LIST = "user"
"""The key under which the users of the CRM can be chosen from like the items of a list."""


def _text(label: Any, max_length: int, **options: Any) -> models.CharField[str, str]:
    return models.CharField(label, max_length=max_length, default="", db_default="", **{"blank": True, **options})


def _item(list_key: str, label: Any) -> models.ForeignKey[CrmListItem | None, CrmListItem | None]:
    return models.ForeignKey(
        CrmListItem,
        on_delete=models.PROTECT,
        verbose_name=label,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"list__key": list_key},
    )


class Record(models.Model):
    """What every record has. `version` rises with each save, `extra` holds the user-defined fields by key."""

    id = models.BigAutoField(primary_key=True)
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = _text(_("Updated by"), 150)
    deleted = models.BooleanField(default=False)
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class Company(Record):
    """A company, or a department of one."""

    name = _text(_("Name"), 200, blank=False)
    department = _text(_("Department"), 200)
    number1 = _text(_("Code"), 50)
    number2 = _text(_("Number"), 50)
    vatno = _text(_("VAT number"), 50)
    category = _item("category", _("Category"))
    business = _item("business", _("Business"))
    our_contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=_("Our contact"),
        null=True,
        blank=True,
        related_name="+",
    )
    stop = models.BooleanField(_("Stop"), default=False, db_default=False, blank=True)
    phone = _text(_("Phone"), 50)
    fax = _text(_("Fax"), 50)
    email = _text(_("E-mail"), 254)
    url = _text(_("Web address"), 500)
    postalad1 = _text(_("Postal address 1"), 200)
    postalad2 = _text(_("Postal address 2"), 200)
    postalad3 = _text(_("Postal address 3"), 200)
    postalzip = _text(_("Postal code (postal)"), 20)
    postalcity = _text(_("City (postal)"), 100)
    postalcounty = _text(_("County (postal)"), 100)
    postalstate = _text(_("State (postal)"), 100)
    streetad1 = _text(_("Street address 1"), 200)
    streetad2 = _text(_("Street address 2"), 200)
    streetad3 = _text(_("Street address 3"), 200)
    streetzip = _text(_("Postal code (street)"), 20)
    streetcity = _text(_("City (street)"), 100)
    streetcounty = _text(_("County (street)"), 100)
    streetstate = _text(_("State (street)"), 100)
    country = _item("country", _("Country"))

    class Meta:
        indexes = (
            models.Index(fields=["deleted", "name", "id"], name="crm_company_list"),
            models.Index(Lower("name"), name="crm_company_name"),
            models.Index(Lower("number1"), name="crm_company_number1"),
            models.Index(Lower("number2"), name="crm_company_number2"),
            models.Index(Lower("vatno"), name="crm_company_vatno"),
        )

    def __str__(self) -> str:
        return self.name


class Contact(Record):
    """A person at a company."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("Company"))
    firstname = _text(_("First name"), 100)
    middlename = _text(_("Middle name"), 100)
    lastname = _text(_("Last name"), 100)
    title = _text(_("Title"), 100)
    number = _text(_("Number"), 50)
    position = _item("position", _("Position"))
    phone_direct = _text(_("Direct phone"), 50)
    phone_private = _text(_("Private phone"), 50)
    phone_mobile = _text(_("Mobile phone"), 50)
    phone_other = _text(_("Other phone"), 50)
    email = _text(_("E-mail"), 254)
    birthdate = models.DateField(_("Date of birth"), null=True, blank=True)
    url = _text(_("Web address"), 500)
    postalad1 = _text(_("Address 1"), 200)
    postalad2 = _text(_("Address 2"), 200)
    postalad3 = _text(_("Address 3"), 200)
    postalzip = _text(_("Postal code"), 20)
    postalcity = _text(_("City"), 100)
    postalstate = _text(_("State"), 100)
    postalcounty = _text(_("County"), 100)
    postalcountry = _item("country", _("Country"))

    class Meta:
        indexes = (
            models.Index(fields=["deleted", "lastname", "id"], name="crm_contact_list"),
            models.Index(Lower("lastname"), name="crm_contact_lastname"),
            models.Index(Lower("email"), name="crm_contact_email"),
            models.Index(Lower("number"), name="crm_contact_number"),
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (self.firstname, self.middlename, self.lastname)))


class Project(Record):
    """A project with members."""

    name = _text(_("Name"), 200, blank=False)
    text = models.TextField(_("Description"), blank=True, default="", db_default="")
    number = _text(_("Number"), 50)
    type = _item("project_type", _("Type"))
    status = _item("project_status", _("Status"))
    url = _text(_("Web address"), 500)
    enddate = models.DateField(_("End date"), null=True, blank=True)
    members = models.ManyToManyField(Contact, through="ProjectMember", related_name="projects")

    class Meta:
        indexes = (
            models.Index(fields=["deleted", "name", "id"], name="crm_project_list"),
            models.Index(Lower("name"), name="crm_project_name"),
            models.Index(Lower("number"), name="crm_project_number"),
        )

    def __str__(self) -> str:
        return self.name


class ProjectMember(models.Model):
    """A contact who takes part in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["project", "contact"], name="crm_project_member_once"),)

    def __str__(self) -> str:
        return f"{self.contact} ({self.project})"
