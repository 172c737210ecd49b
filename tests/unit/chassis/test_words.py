"""Text from outside: what is no text is refused by name, what people write in any script is kept."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from chassis.web.fields import Words


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x85b", "a\ud800b", "Ann\u202egnorw", "a\u2066b", "one\ntwo"])
def test_what_is_no_text_or_turns_text_around_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="characters that are not text"):
        Words(most=100).deserialize(text)


@pytest.mark.parametrize("text", ["Zoë", "عائشة", "שרה", "李明", "O’Neill", "a\u200fb", "👩🏽‍🦱"])
def test_names_of_every_script_are_kept_as_they_are(text: str) -> None:
    assert Words(most=100).deserialize(f" {text} ") == text
