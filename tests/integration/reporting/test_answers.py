"""What pages, API and download answer: the same figures, never an exact number, and to whom."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

# ---- what is shown ----


def test_a_whole_journey_becomes_figures(room: Any) -> None:
    told = [room.a_referral("north") for _ in range(10)]
    room.later(days=1)
    for one in told[:9]:
        room.acknowledged(one)
    room.later(days=6)
    for one in told[:5]:
        room.agreed(one)
        room.supported(one)
    room.later(days=3)
    for one in told[:5]:
        room.a_contact(one)
        room.a_contact(one)
        room.a_contact(one, "attempted")
    for one in told[5:]:
        room.declined(one)
    room.tick()
    expected = {
        "referrals_received": 10,
        # Nine of ten, but of so few no share is worked out.
        "acknowledged_in_2_working_days": "[u]",
        "referrals_declined": 5,
        "referrals_declined.outside_our_area": 5,
        "referrals_declined.too_young": "[c]",
        "matches_agreed": 5,
        "supports_started": 5,
        "contacts_made": 10,
        "waiting_for_match": "[c]",
        "waiting_for_help": "[c]",
        # Five people: a time would be one person's own.
        "days_to_match_median": "[u]",
        "reach": "[x]",
    }
    assert {code: room.figure("2026-03", code) for code in expected} == expected


def test_a_time_is_shown_once_enough_people_stand_on_either_side(room: Any) -> None:
    told = [room.a_referral("north") for _ in range(10)]
    room.later(days=7)
    for one in told:
        room.agreed(one)
        room.supported(one)
    room.later(days=4)
    for one in told:
        room.a_contact(one)
    room.tick()
    assert room.figure("2026-03", "days_to_match_median") == 5
    assert room.figure("2026-03", "days_to_help_median") == 10
    assert room.figure("2026-03", "days_to_help_90th") == "[u]"


def test_worries_are_shown_for_the_region_alone(room: Any) -> None:
    for _ in range(6):
        room.a_worry(3)
    room.tick()
    assert room.figure("2026-03", "worries_raised") == 5
    assert room.figure("2026-03", "worries_raised.3") == 5
    assert room.figure("2026-03", "worries_raised.4") == "[c]"
    places = {one["area"] for one in room.report("2026-03")["figures"] if one["theme"] == "worries"}
    assert places == {"region"}


# Exact counts nobody could mistake for something rounded.
CANARIES = {"north": 37, "east": 41, "south": 3}


@pytest.fixture
def told_exactly(room: Any) -> Any:
    room.at_once = True
    for area, count in CANARIES.items():
        for _ in range(count):
            room.a_referral(area)
    room.tick()
    return room


def test_no_answer_of_any_kind_holds_an_exact_number(told_exactly: Any) -> None:
    room = told_exactly
    # 37, 41, and both with the three of South; 3 alone stands in too many dates to be looked for.
    exact = {"37", "41", "78", "81"}
    for period_id in ("2026-03", "2026-Q1", "2026"):
        shown = [one["value"] for one in room.report(period_id)["figures"]]
        assert all(value in {"[c]", "[u]", "[x]"} or value % 5 == 0 for value in shown)
        for path in (f"/reports/{period_id}", f"/reports/{period_id}.csv"):
            words = re.sub(r"<script.*?</script>|<[^>]*>", " ", room.commissioner.page(path).text, flags=re.S)
            numbers = set(re.findall(r"(?<![0-9a-f-])[0-9]+(?![0-9a-f-])", words))
            assert "80" in numbers
            assert numbers.isdisjoint(exact)
    assert room.figure("2026-03", "referrals_received") == 80
    assert room.figure("2026-03", "referrals_received", "north") == 35
    assert room.figure("2026-03", "referrals_received", "south") == "[c]"


def test_metrics_hold_no_count_of_people(told_exactly: Any) -> None:
    text = told_exactly.commissioner.page("/metrics").text
    ours = [line for line in text.splitlines() if line.startswith("beenthere_reporting") and not line.startswith("#")]
    assert [line.split(" ")[0] for line in ours] == ["beenthere_reporting_covers_until_seconds"]


def test_a_page_the_api_and_the_download_show_the_same(told_exactly: Any) -> None:
    room = told_exactly
    api = {(one["code"], one["area_words"]): str(one["value"]) for one in room.report("2026-03")["figures"]}
    sheet = list(csv.DictReader(io.StringIO(room.commissioner.page("/reports/2026-03.csv").text)))
    assert {(row["code"], row["area"]): row["value"] for row in sheet} == api
    page = room.commissioner.page("/reports/2026-03").text
    row = next(row for row in page.split("</tr>") if "</span>Referrals received" in row)
    cells = [re.sub(r"<[^>]*>", " ", cell).split()[-1] for cell in re.findall(r"<td.*?</td>", row, re.S)]
    places = ("Region", "North", "East", "South", "West", "Coast", "City")
    assert cells == [api["referrals_received", place] for place in places]


def test_the_download_names_its_period_and_is_read_as_a_table(told_exactly: Any) -> None:
    answer = told_exactly.commissioner.page("/reports/2026-Q1.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="been-there-report-2026-Q1.csv"'
    table = list(csv.reader(io.StringIO(answer.text)))
    assert len({len(row) for row in table}) == 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)


# ---- doors ----


def test_the_catalogue_says_how_each_figure_is_counted(room: Any) -> None:
    room.tick()
    listed = room.commissioner.api("GET", "/api/v1/reports/measures").get_json()
    assert {one["code"] for one in listed} == {one["code"] for one in room.report("2026-03")["figures"]}
    page = room.commissioner.page("/reports/measures").text
    assert "Opened by someone within 2 working days" in page
    assert "12 weeks later" in page


@pytest.mark.parametrize("role", ["coordinator", "peer", "referrer", "partner_lead", "supervisor", "administrator"])
def test_only_commissioners_and_the_network_lead_read_reports(room: Any, role: str) -> None:
    room.tick()
    caller = room.as_(role, partner_id=room.partner_id)
    for path in ("/api/v1/reports", "/api/v1/reports/2026-03", "/api/v1/reports/measures"):
        assert caller.api("GET", path).status_code == 403
    for path in ("/reports", "/reports/2026-03", "/reports/2026-03.csv", "/reports/measures"):
        assert caller.page(path).status_code == 403
    assert room.as_("network_lead").page("/reports/2026-03").status_code == 200


NO_PERIODS = ("2019-03", "2026-13", "2026-Q9", "nonsense", "2026-03.csv.csv", "%00", "2026-04")


@pytest.mark.parametrize("period_id", NO_PERIODS)
def test_a_period_that_does_not_exist_is_not_found(room: Any, period_id: str) -> None:
    room.tick()
    assert room.commissioner.api("GET", f"/api/v1/reports/{period_id}").status_code == 404
    assert room.commissioner.page(f"/reports/{period_id}").status_code == 404
    assert room.commissioner.page(f"/reports/{period_id}.csv").status_code == 404


def test_the_first_page_shows_the_newest_published_month_and_leads_to_the_one_still_open(room: Any) -> None:
    room.tick()
    assert "Report for March 2026" in room.commissioner.page("/reports").text
    room.later(days=40)
    room.tick()
    text = room.commissioner.page("/reports").text
    assert "Report for March 2026" in text
    assert "Published" in text
    assert '"/reports/2026-04"' in text


def test_a_period_is_chosen_without_a_script(room: Any) -> None:
    room.tick()
    text = room.commissioner.page("/reports").text
    assert '<option value="2026-Q1">January to March 2026 (so far)</option>' in text
    chosen = room.commissioner.page("/reports?period=2026-Q1")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/reports/2026-Q1")
    assert room.commissioner.page("/reports?period=//elsewhere.example").status_code == 404


def test_the_page_tells_in_plain_words_how_figures_are_protected_and_what_is_missing(room: Any) -> None:
    room.tick()
    text = room.commissioner.page("/reports/2026-03").text
    assert "Fewer than 5, or none" in text
    assert "rounded to the nearest 5" in text
    assert "Not supplied" in text
    assert len(re.findall("<h1", text)) == 1


def test_the_openapi_document_of_the_room_is_valid(room: Any) -> None:
    from openapi_spec_validator import validate

    document = json.loads(room.commissioner.page("/openapi/reporting.json").text)
    validate(document)
    assert "/api/v1/reports/{period_id}" in document["paths"]
