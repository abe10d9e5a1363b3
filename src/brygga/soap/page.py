"""The page that a browser gets at a host's address: what this is, which connectors there are, how to call them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from string import Template
from urllib.parse import quote

from brygga.contract import Connector
from brygga.contract.localised import text_for

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --accent: light-dark(#0a5c4a, #6fcfb4); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.2; }
h2 { font-size: 1.1rem; margin: 0; }
a { color: var(--accent); }
ul { list-style: none; padding: 0; }
li { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")

HEADERS = [
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "no-cache"),
]
"""What the page may do: show itself, and nothing else."""

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ERP sync connectors</title>
<style>$style</style>
</head>
<body>
<main>
<h1>ERP sync connectors</h1>
<p>This address answers SOAP 1.1 calls of the ERP Sync connector contract. Give one of the addresses below to the
CRM as the URL of a connector. Programmers find the operations in the <a href="$address?wsdl">WSDL</a>.</p>
$connectors
</main>
</body>
</html>
""")
_CONNECTOR = Template("""<li>
<h2>$title</h2>
<p>$description</p>
<p><code>$address</code> · <a href="$wsdl">WSDL</a></p>
</li>
""")


def page(address: str, connectors: Iterable[tuple[str, Connector]]) -> str:
    """The page in HTML. `address` is the host's own URL without a query."""
    entries = "".join(_entry(address, name, connector) for name, connector in connectors)
    listed = f"<ul>\n{entries}</ul>" if entries else "<p>No connectors are offered here.</p>"
    return _PAGE.substitute(style=_STYLE, address=escape(address), connectors=listed)


def _entry(address: str, name: str, connector: Connector) -> str:
    own = f"{address}?ConnectorName={quote(name, safe='')}"
    return _CONNECTOR.substitute(
        title=escape(text_for(connector.title, "en") or name),
        description=escape(text_for(connector.description, "en")),
        address=escape(own),
        wsdl=escape(f"{own}&wsdl"),
    )
