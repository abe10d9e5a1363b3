"""The engine: polls the ERPs, merges with the CRM, writes both sides, remembers what was agreed."""
