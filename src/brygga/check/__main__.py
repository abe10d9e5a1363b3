"""Prints the page on the conformance rules: `python -m brygga.check`."""

from brygga.check.rules import markdown

print(markdown())
