"""What the CRM stores."""

from brygga.crm.models.journal import DirtyMark
from brygga.crm.models.lists import CrmList, CrmListItem, UserDefinedField
from brygga.crm.models.records import Company, Contact, Project, ProjectMember, Record
from brygga.crm.models.users import ApiToken, User, UserGroup

__all__ = [
    "ApiToken",
    "Company",
    "Contact",
    "CrmList",
    "CrmListItem",
    "DirtyMark",
    "Project",
    "ProjectMember",
    "Record",
    "User",
    "UserDefinedField",
    "UserGroup",
]
