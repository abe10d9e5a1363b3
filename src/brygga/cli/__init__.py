"""The command line, `brygga …` (design, "Names that others see").

Exit statuses: 0 done; 3 done, but records failed or are in conflict; 1 refused or failed as a whole; 2 wrong
usage. The last three put one clear line on stderr.
"""

from __future__ import annotations

import sys

from brygga.cli.app import run

__all__ = ["main", "run"]


def main() -> None:
    """The script `brygga`."""
    sys.exit(run(sys.argv[1:]))
