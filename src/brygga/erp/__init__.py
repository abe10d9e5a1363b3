"""Connectors, connections, mappings, links, the log, and the engine that keeps both sides in agreement."""
