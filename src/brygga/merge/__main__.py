"""Prints the page on the merge rules: `python -m brygga.merge`."""

from brygga.merge.rules import markdown

print(markdown())
