"""A file's name says what is in it."""

from __future__ import annotations

import re

from tests.architecture.the_code import called, sources

EMPTY = re.compile(r"(?:^|_)(?:utils?|helpers?|commons?|base|misc|managers?|stuff|things)(?:_|$)")


def says_nothing(name: str) -> bool:
    """Whether a name could stand on any file."""
    return bool(EMPTY.search(name))


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    names = [part for path in sources() + sources("tests") for part in called(path).removesuffix(".py").split("/")]
    assert {name for name in names if says_nothing(name)} == set()


def test_a_name_that_says_nothing_is_caught() -> None:
    assert all(says_nothing(name) for name in ("utils", "form_helpers", "base", "task_manager", "common"))
    assert not any(says_nothing(name) for name in ("database", "basement", "outbox"))
