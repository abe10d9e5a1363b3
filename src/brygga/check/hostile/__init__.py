"""A correct connector, and many ways to break it: the proof that the conformance kit sees what it should see."""

from brygga.check.hostile.connector import DEFECTS_KEY, HostileConnector, with_defects
from brygga.check.hostile.defects import DEFECTS, Defect
from brygga.check.hostile.good import SAMPLE_VALUES, SampleConnector
from brygga.check.hostile.listing import markdown

__all__ = [
    "DEFECTS",
    "DEFECTS_KEY",
    "SAMPLE_VALUES",
    "Defect",
    "HostileConnector",
    "SampleConnector",
    "markdown",
    "with_defects",
]
