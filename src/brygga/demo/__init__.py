"""The demo: two ERPs full of invented companies, connected and partly imported, and a user for each language.

`data` holds its files, which `generate` makes. Loading can be broken off and done again: what is there stays.
"""

from __future__ import annotations

from brygga.demo.loading import load
from brygga.demo.log_in import LogIns, welcome

__all__ = ["LogIns", "load", "welcome"]
