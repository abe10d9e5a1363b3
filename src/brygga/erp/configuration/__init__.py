"""Configuration as code: connectors, connections and mappings as one readable YAML file (behaviour G14).

`apply` makes the server agree with a file, `diff` says what that would change, `export` writes the file. The
file decides about what it names: a key that is left out stays as it is, and so do connections that are not in
it; but the `fields` of an actor type are the whole mapping, as are its `defaults` and a `list`.
"""

from brygga.erp.configuration.applying import Report, apply, diff
from brygga.erp.configuration.differences import Difference
from brygga.erp.configuration.exporting import export

__all__ = ["Difference", "Report", "apply", "diff", "export"]
