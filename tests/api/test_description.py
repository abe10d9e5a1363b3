"""The description that is served agrees with the published one, operation by operation and member by member."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from django.test import Client
from tests.api.published import BASE, ENUMERATIONS, OBJECTS, OPERATION_ID, OPERATIONS

from brygga.api.api import api

DESCRIPTION: dict[str, Any] = api.get_openapi_schema()
SCHEMAS: dict[str, Any] = DESCRIPTION["components"]["schemas"]


def described(operation: str) -> dict[str, Any]:
    return DESCRIPTION["paths"][BASE + operation]["post"]


def type_of(schema: dict[str, Any]) -> str:
    """A type as `published` writes it; whether null is allowed makes no difference."""
    choices = [choice for choice in schema.get("anyOf", schema.get("allOf", [])) if choice.get("type") != "null"]
    if choices:
        (schema,) = choices
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return enumeration(SCHEMAS[name]["enum"]) if "enum" in SCHEMAS[name] else str(name)
    if schema["type"] == "array":
        return f"[{type_of(schema['items'])}]"
    if "additionalProperties" in schema:
        return f"{{{type_of(schema['additionalProperties'])}}}"
    return enumeration(schema["enum"]) if "enum" in schema else str(schema["type"])


def enumeration(names: list[str]) -> str:
    return next(name for name, published in ENUMERATIONS.items() if published == names)


def content(part: dict[str, Any]) -> str:
    """The type of what a body or an answer holds; empty where there is nothing."""
    return type_of(part["content"]["application/json"]["schema"]) if "content" in part else ""


def test_it_is_openapi_3_1_with_all_operations_and_no_others() -> None:
    assert DESCRIPTION["openapi"].startswith("3.1.")
    assert set(DESCRIPTION["paths"]) == {BASE + operation for operation in OPERATIONS}
    assert len(OPERATIONS) == 49
    assert all(set(methods) == {"post"} for methods in DESCRIPTION["paths"].values())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_takes_and_gives_what_is_published(operation: str) -> None:
    body, query, answer = OPERATIONS[operation]
    ours = described(operation)
    assert ours["operationId"] == OPERATION_ID + operation
    assert content(ours.get("requestBody", {})) == body
    parameters = {parameter["name"]: parameter for parameter in ours["parameters"]}
    assert set(parameters) == {*query, "$select", "Accept-Language", "SO-TimeZone"}
    assert all(type_of(parameters[name]["schema"]) == "integer" and parameters[name]["required"] for name in query)
    assert [content(ours["responses"][code]) for code in (200, 204) if code in ours["responses"]] == [answer]
    assert ours["summary"] != operation


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_has_the_published_members_and_no_others(name: str) -> None:
    properties = SCHEMAS[name]["properties"]
    assert {member: type_of(schema) for member, schema in properties.items()} == OBJECTS[name]


def test_every_way_to_log_in_and_every_refusal_is_described() -> None:
    for operation in OPERATIONS:
        ours = described(operation)
        assert ours["security"] == [{"Token": []}, {"Password": []}, {"Session": []}]
        assert {content(ours["responses"][code]) for code in (400, 401, 403, 404, 409, 424, 429)} == {"Problem"}
    assert set(DESCRIPTION["components"]["securitySchemes"]) == {"Token", "Password", "Session"}


def test_the_description_is_served(client: Client) -> None:
    served = client.get("/api/openapi.json")
    assert served.headers["Content-Type"].startswith("application/json")
    assert set(served.json()["paths"]) == set(DESCRIPTION["paths"])


def test_the_page_needs_nothing_from_elsewhere(client: Client, db: None) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for file in ("swagger-ui-bundle.js", "swagger-ui-init.js", "swagger-ui.css"):
        assert f"/static/ninja/{file}" in page.text
        with closing(client.get(f"/static/ninja/{file}")) as served:
            assert served.status_code == 200
