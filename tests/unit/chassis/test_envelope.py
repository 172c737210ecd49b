"""The envelope round a fact: CloudEvents in binary mode, read strictly, and nothing personal in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.events.envelope import (
    BrakeMark,
    EmptyFact,
    Envelope,
    EnvelopeUnreadable,
    Place,
    as_bytes,
    as_texts,
    header_texts,
    read,
)

GOOD = Envelope(
    id="f-1", type="consent.withdrawn.v1", stream="referrals/person/x1", number=4,
    stated_at=datetime(2026, 3, 2, 10, 0, 0, 250, tzinfo=UTC), subject="x1", correlation_id="c-1", causation_id="f-0",
    traceparent="00-1-2-01", classification="codes",
    requires=(Place("referrals/person/x1", 3), Place("matching/match/m/1", 9)),
    brake=BrakeMark("consent_withdrawn", "x1", lifts=False),
)  # fmt: skip
KEY = b"referrals/person/x1"


def test_an_envelope_comes_back_as_it_was() -> None:
    headers = as_bytes(header_texts(GOOD))
    assert read(KEY, as_texts(headers), b"{}") == GOOD


def test_the_headers_are_those_of_cloudevents_with_ours_flat_and_lower_case() -> None:
    assert header_texts(GOOD) == {
        "ce_specversion": "1.0",
        "ce_id": "f-1",
        "ce_source": "/referrals",
        "ce_type": "consent.withdrawn.v1",
        "ce_time": "2026-03-02T10:00:00.000250Z",
        "ce_subject": "x1",
        "ce_streamseq": "4",
        "ce_correlationid": "c-1",
        "ce_traceparent": "00-1-2-01",
        "ce_dataclassification": "codes",
        "content-type": "application/json",
        "ce_causationid": "f-0",
        "ce_requires": "referrals/person/x1@3 matching/match/m/1@9",
        "ce_brake": "consent_withdrawn",
        "ce_brakesubject": "x1",
    }


@pytest.mark.parametrize("value", [None, b""])
def test_an_empty_value_is_refused(value: bytes | None) -> None:
    with pytest.raises(EmptyFact):
        read(KEY, header_texts(GOOD), value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ce_streamseq", "0"),
        ("ce_streamseq", "-1"),
        ("ce_streamseq", "four"),
        ("ce_streamseq", "\u0663"),
        ("ce_streamseq", str(2**63)),
        ("ce_streamseq", "9" * 5000),
        ("ce_specversion", "0.3"),
        ("ce_time", "yesterday"),
        ("ce_time", "2026-03-02T10:00:00"),
        ("ce_time", "0001-01-01T00:00:00+23:59"),
        ("ce_time", "9999-12-31T23:59:59-23:59"),
        ("ce_id", "f\x00"),
        ("ce_id", "f" * 401),
        ("ce_subject", "x\x00"),
        ("ce_correlationid", "c\x00"),
        ("ce_brakesubject", "x\x00"),
        ("ce_id", ""),
        ("ce_type", "consent"),
        ("ce_requires", "referrals/person/x1"),
        ("ce_requires", "@3"),
        ("ce_requires", f"referrals/person/x1@{2**63}"),
        ("ce_requires", "referrals/person/x1@\u00b2"),
        ("ce_requires", f"referrals/person/{'x' * 400}@1"),
    ],
)
def test_a_faulty_header_makes_it_no_fact_of_ours(name: str, text: str) -> None:
    with pytest.raises(EnvelopeUnreadable):
        read(KEY, {**header_texts(GOOD), name: text}, b"{}")


@pytest.mark.parametrize("name", ["ce_specversion", "ce_id", "ce_type", "ce_time", "ce_streamseq"])
def test_a_missing_header_makes_it_no_fact_of_ours(name: str) -> None:
    texts = {key: text for key, text in header_texts(GOOD).items() if key != name}
    with pytest.raises(EnvelopeUnreadable):
        read(KEY, texts, b"{}")


@pytest.mark.parametrize(
    "key", [None, b"", b"referrals", b"referrals/person", b"\xff\xfe/a/b", b"a/b/\x00", b"a/b/" + b"c" * 400]
)
def test_a_key_that_is_no_stream_makes_it_no_fact_of_ours(key: bytes | None) -> None:
    with pytest.raises(EnvelopeUnreadable):
        read(key, header_texts(GOOD), b"{}")


def test_headers_of_others_and_bytes_that_are_no_text_are_passed_over() -> None:
    odd: list[tuple[str, Any]] = [("x-other", b"1"), ("ce_subject", b"\xff"), ("ce_id", b"f"), ("ce_nothing", None)]
    assert as_texts(odd) == {"ce_id": "f", "ce_nothing": ""}
