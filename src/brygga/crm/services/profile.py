"""What users say of themselves."""

from __future__ import annotations

from brygga.crm.models import User
from brygga.crm.services.users import known_language


def change_profile(user: User, first_name: str, last_name: str, email: str, language: str) -> None:
    """Change one's own name, e-mail address and language. Raises Refused for an unknown language."""
    user.first_name, user.last_name, user.email = first_name, last_name, email
    user.language = known_language(language)
    user.save(update_fields=["first_name", "last_name", "email", "language"])
