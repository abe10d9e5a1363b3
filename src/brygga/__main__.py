"""`python -m brygga` is the same as `brygga`."""

from __future__ import annotations

from brygga.cli import main

if __name__ == "__main__":
    main()
