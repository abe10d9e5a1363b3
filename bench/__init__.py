"""Benchmarks: what import and sync cost, beside the least that the database itself takes for the same rows.

`python -m bench` (or `make bench`) measures both databases, each in a throw-away one; `docs/benchmarks.md` explains.
"""
