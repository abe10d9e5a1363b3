"""The embedded CRM: companies, contacts, projects, lists, user-defined fields, users and the change journal."""
