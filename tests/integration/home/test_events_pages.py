"""The events pages: what each fact says, what is sealed in it, its sample and schema, and how far behind rooms are."""

from __future__ import annotations

import html
import json
import re

from contracts.fact import CATALOGUE
from contracts.hearers import HEARS
from contracts.kept import schema_text
from contracts.partners import PartnerSuspended
from tests.integration.home.conftest import Hall


def cells(text: str, caption: str) -> dict[str, list[str]]:
    """The rows of a table by their first cell, without the headings repeated for small screens."""
    (table,) = [part for part in text.split("<table")[1:] if caption in part.split("</caption>")[0]]
    plain = re.sub(r'<span class="nhsuk-table__heading".*?</span>', "", table.split("</table>")[0], flags=re.DOTALL)
    rows = [re.findall(r"<t[hd] .*?>(.*?)</t[hd]>", row, re.DOTALL) for row in plain.split("<tr")[1:]]
    words = [[" ".join(html.unescape(re.sub("<[^>]+>", "", cell)).split()) for cell in row] for row in rows]
    return {row[0]: row[1:] for row in words}


def test_each_field_says_how_it_travels_and_who_may_read_it(hall: Hall) -> None:
    fields = cells(hall.lead.page("/events/referral.accepted.v1").text, "Fields")
    assert fields["person_id"] == ["opaque id", "in clear", "whoever hears it"]
    assert fields["called"] == ["text", "sealed: called", "every room"]
    assert fields["needs"] == ["text", "sealed: needs", "referrals, matching"]
    due = cells(hall.lead.page("/events/referral.received.v1").text, "Fields")["reply_due_at"]
    assert due[0] == "moment, or nothing; may be missing"


def test_a_sample_is_shown_with_its_headers_and_nothing_that_is_sealed(hall: Hall) -> None:
    for type_ in CATALOGUE:
        text = hall.lead.page(f"/events/{type_}").text
        body = json.loads(html.unescape(text.split('<pre class="bt-code">')[1].split("</pre>")[0]))
        # A field that was added later is not in a sample of before; what must be there is.
        schema = json.loads(schema_text(type_))
        assert set(schema["required"]) <= set(body) <= set(schema["properties"]), type_
        assert cells(text, "Headers it travels with")["ce_type"] == [type_]
        assert "s1." not in text, type_


def test_the_schema_of_a_fact_is_served_as_it_is_kept(hall: Hall) -> None:
    answer = hall.as_nobody().api("GET", "/events/match.agreed.v1/schema.json")
    assert answer.content_type == "application/schema+json"
    assert answer.text == schema_text("match.agreed.v1")
    assert 'href="/events/match.agreed.v1/schema.json"' in hall.lead.page("/events/match.agreed.v1").text
    assert hall.as_nobody().api("GET", "/events/match.forgotten.v1/schema.json").status_code == 404


def test_the_asyncapi_document_is_for_everyone_and_found_from_both_pages(hall: Hall) -> None:
    answer = hall.as_nobody().api("GET", "/asyncapi.json")
    assert (answer.status_code, answer.get_json()["asyncapi"]) == (200, "3.0.0")
    for text in (hall.as_nobody().page("/docs").text, hall.lead.page("/events").text):
        assert 'href="/asyncapi.json"' in text


# ---- how far behind


def test_the_lead_sees_how_far_behind_home_is(hall: Hall) -> None:
    rows = cells(hall.lead.page("/events").text, "How far behind each room is")
    assert rows["Home"] == ["0", "0", "not behind", "Metrics of home"]
    hall.a_person()
    with hall["partners"].writing() as unit:
        unit.state("partners/partner/later", PartnerSuspended(partner_id="later", suspended_at=hall.now))
    hall["partners"].relay.sweep()
    hall.clock.advance(minutes=4)
    rows = cells(hall.lead.page("/events").text, "How far behind each room is")
    assert rows["Home"][:3] == ["1", "0", "about 4 minutes"]
    of_fact = cells(hall.lead.page("/events/partner.joined.v1").text, "How far behind its hearers are")
    assert of_fact["Home"][:3] == ["1", "0", "about 4 minutes"]
    of_another = cells(hall.lead.page("/events/match.agreed.v1").text, "How far behind its hearers are")
    assert of_another["Home"][:3] == ["0", "0", "not behind"]


def test_a_room_in_a_process_of_its_own_is_sent_to_for_its_metrics(hall: Hall) -> None:
    text = hall.lead.page("/events").text
    rows = cells(text, "How far behind each room is")
    assert set(rows) == {"Room", *(room.capitalize() for room in HEARS)}
    assert rows["Matching"] == ["see its metrics", "see its metrics", "see its metrics", "Metrics of matching"]
    assert 'href="/ops/matching/metrics"' in text


def test_whoever_plans_matches_is_not_told_how_far_behind_a_room_is(hall: Hall) -> None:
    for path in ("/events", "/events/peer.paused.v1"):
        assert "How far behind" in hall.lead.page(path).text
        assert "ow far behind" not in hall.coordinator.page(path).text
