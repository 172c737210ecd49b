"""Takes either net away that keeps one partner's rows from another: the reads' own conditions, or the database's."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from chassis.access import Scope
from chassis.boundary import policies, statements
from chassis.database import Database
from tests.parts.postgres import as_owner


def without_conditions(store: ModuleType, patched: pytest.MonkeyPatch) -> int:
    """Has every read of a store look as if whoever asks could see the whole network; gives how many there are."""
    reads = [name for name, one in inspect.getmembers(store, inspect.isfunction) if _takes_a_scope(one)]
    for name in reads:
        patched.setattr(store, name, _widened(getattr(store, name)))
    return len(reads)


def _takes_a_scope(one: Callable[..., Any]) -> bool:
    return next(iter(inspect.signature(one).parameters), "") == "scope"


def _widened(read: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(read)
    def widened(scope: Scope, *given: Any, **named: Any) -> Any:
        return read(Scope("network", scope.who), *given, **named)

    return widened


def without_net(service: Any, patched: pytest.MonkeyPatch) -> None:
    """Has the service's database let everything through, on PostgreSQL by its owner's hand."""
    if service.database.is_sqlite:
        patched.setattr(statements, "_look_at", lambda *_given: None)
        patched.setattr(statements.Guard, "_look_at_text", lambda *_given: None)
        return
    owner = Database(as_owner(service.database.url.render_as_string(hide_password=False)))
    with owner.writing() as connection:
        tables = policies.guarded(connection)
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY")
    owner.close()
    assert tables
