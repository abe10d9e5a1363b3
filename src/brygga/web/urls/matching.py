"""The match workbench (behaviour G5)."""

from __future__ import annotations

from django.urls import URLPattern

patterns: list[URLPattern] = []
