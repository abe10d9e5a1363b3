"""Needs attention: what waits for a person (behaviour G4)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import attention, deciding

patterns = [
    path("attention", attention.inbox, name="attention"),
    path("attention/<str:ref>/resolve", deciding.resolve, name="attention_resolve"),
    path("attention/<str:ref>/resubmit", deciding.resubmit, name="attention_resubmit"),
    path("attention/<str:ref>/assign", deciding.assign, name="attention_assign"),
    path("attention/<str:ref>/connect", deciding.connect, name="attention_connect"),
    path("attention/<str:ref>/resume", deciding.resume, name="attention_resume"),
    path("attention/<str:ref>/<str:action>", attention.act, name="attention_act"),
]
