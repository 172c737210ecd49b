"""The house uses its own words: nobody is called by a system's word for them, and the chassis knows no domain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.the_code import ROOT, called

# FHIR's own words stay inside the FHIR door, OAuth's in the file of its words, its and HTTP's in the adapters that
# speak them; the made-up region quotes what referrers write.
SPOKEN = sorted(
    path
    for folder in ("services", "contracts")
    for ending in ("*.py", "*.jinja")
    for path in (ROOT / folder).rglob(ending)
    if path.parent.name not in {"fhir", "provider", "ways"} and path.name != "oauth.py"
)
# Kafka has words of its own, such as the coordinator of a group.
CHASSIS = sorted(
    path for ending in ("*.py", "*.jinja") for path in (ROOT / "chassis").rglob(ending) if path.parent.name != "kafka"
)

NOT_OURS = re.compile(r"(?<![a-z])(?:patients?|clients?|users?|volunteers?|(?<!co)workers?)(?![a-z])", re.IGNORECASE)
# Words of the network's own matters. `person` and `partner` stay: they say who knocks and how far a read may look.
DOMAIN = re.compile(
    r"(?<![a-z])(?:referrals?|referrers?|peers?|match(?:es|ing)?|shortlists?|tasters?|supervis(?:ion|ors?)|concerns?"
    r"|worr(?:y|ies)|coordinators?|commissioners?|safeguarding|lived[ _]experience|consent)(?![a-z])",
    re.IGNORECASE,
)
# Others' names, and the one line that says whose pages these are.
NOT_COUNTED = re.compile(
    r"^\s*(?:from|import) .*|Referrer-Policy|\"no-referrer\"|String does not match expected pattern"
    r"|peer support from people who have been there"
)


def found(rule: re.Pattern[str], text: str) -> list[str]:
    """Each line that breaks a rule, with its number."""
    lines = enumerate((NOT_COUNTED.sub("", line) for line in text.splitlines()), 1)
    return [f"{number}: {line.strip()}" for number, line in lines if rule.search(line)]


@pytest.mark.parametrize("path", SPOKEN, ids=called)
def test_people_are_called_by_our_words(path: Path) -> None:
    assert found(NOT_OURS, path.read_text()) == []


@pytest.mark.parametrize("path", CHASSIS, ids=called)
def test_the_chassis_knows_no_domain_word(path: Path) -> None:
    assert found(DOMAIN, path.read_text()) == []


@pytest.mark.parametrize(
    "text", ["patient_id = 1", "the Client said", "user = None", "peer support workers", "volunteer"]
)
def test_a_word_of_others_is_caught(text: str) -> None:
    assert found(NOT_OURS, text)


@pytest.mark.parametrize("text", ["referral_id", "A Peer", "matching", "the shortlist", "worries", "lived experience"])
def test_a_domain_word_is_caught(text: str) -> None:
    assert found(DOMAIN, text)


@pytest.mark.parametrize("text", ["impatient", "userland", "String does not match", "partner_id"])
def test_what_only_looks_alike_is_let_through(text: str) -> None:
    assert found(NOT_OURS, text) == []
