"""The conformance kit: runs a connector, in process or behind a URL, through the contract and reports."""
