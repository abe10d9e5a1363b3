"""Brygga keeps a CRM and any number of ERP systems in agreement."""

__version__ = "0.1.0"
