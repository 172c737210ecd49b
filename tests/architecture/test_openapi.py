"""Every room describes its own API: a valid OpenAPI 3.1 document at the address everyone knows."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.addresses import SERVICES, owner_of
from tests.builders import TestHouse


def document_of(house: TestHouse, room: str) -> dict[str, Any]:
    """A room's document as anyone may read it."""
    answer = house.as_nobody().api("GET", f"/openapi/{room}.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("room", SERVICES)
def test_a_document_is_valid_and_of_version_3_1(house: TestHouse, room: str) -> None:
    document = document_of(house, room)
    assert document["openapi"].startswith("3.1.")
    assert [fault.message for fault in OpenAPIV31SpecValidator(document).iter_errors()] == []


@pytest.mark.parametrize("room", SERVICES)
def test_a_document_speaks_only_of_its_own_rooms_paths(house: TestHouse, room: str) -> None:
    paths = document_of(house, room).get("paths", {})
    assert {owner_of(path) for path in paths} <= {room}


@pytest.mark.parametrize("room", SERVICES)
def test_every_operation_says_what_it_does(house: TestHouse, room: str) -> None:
    for path, operations in document_of(house, room).get("paths", {}).items():
        for method, operation in operations.items():
            if isinstance(operation, dict):
                assert operation.get("summary") or operation.get("description"), f"{method} {path}"


def test_a_document_that_is_not_valid_is_seen() -> None:
    faulty: Any = {"openapi": "3.1.0", "info": {"title": "Letters"}, "paths": {}}
    assert list(OpenAPIV31SpecValidator(faulty).iter_errors())
