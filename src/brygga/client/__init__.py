"""A client of Brygga's agent API. It needs a server to talk to and nothing else of Brygga.

    from brygga.client import ErpSync

    with ErpSync("https://brygga.example.com", token="…") as sync:
        print(sync.engine_status()["StatusMessage"])

Objects are dictionaries with the members of the published description; `brygga.client.carriers` names them.
"""

from brygga.client.erp_sync import ErpSync
from brygga.client.errors import (
    AgentError,
    BadRequest,
    ConnectorFailed,
    Denied,
    NotFound,
    NotLoggedIn,
    Refused,
    ServerFailed,
    TooManyFailures,
    Unreachable,
)

__all__ = [
    "AgentError",
    "BadRequest",
    "ConnectorFailed",
    "Denied",
    "ErpSync",
    "NotFound",
    "NotLoggedIn",
    "Refused",
    "ServerFailed",
    "TooManyFailures",
    "Unreachable",
]
