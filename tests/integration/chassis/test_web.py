"""The ground of the web doors: ids in and out, headers, trouble in its shapes, and what is left when a view fails."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.integration.chassis.web_room import API, PAGE, Letters

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CANARY = "Kanarienvogel"
ONE, TWO = "7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10", "11111111-2222-4333-8444-555555555555"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


# ---- ids that tie things together


def test_ids_come_in_go_out_and_stand_on_logs_audit_rows_and_facts(log: Any, letters: Letters) -> None:
    ids = {"X_Request_ID": ONE, "X_Correlation_ID": TWO}
    for answer in letters.both("state", **ids):
        assert (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"]) == (ONE, TWO)
    for row in letters.stated():
        assert json.loads(row.headers)["ce_correlationid"] == TWO
    assert {(row.request_id, row.correlation_id) for row in letters.audited()} == {(ONE, TWO)}
    answered = [line for line in log() if line["event"] == "answered"]
    assert [(line["request_id"], line["correlation_id"]) for line in answered] == [(ONE, TWO)] * 2


def test_without_ids_new_ones_are_made_and_the_request_begins_the_thread(letters: Letters) -> None:
    answer = letters.lead.api("POST", API, {})
    request_id = answer.headers["X-Request-ID"]
    assert UUID.fullmatch(request_id)
    assert answer.headers["X-Correlation-ID"] == request_id
    assert json.loads(letters.stated()[0].headers)["ce_correlationid"] == request_id
    assert letters.lead.api("GET", API).headers["X-Request-ID"] != request_id


@pytest.mark.parametrize(
    "odd",
    [
        "short", "with spaces in it", "<script>alert(1)</script>", "ünïcödé-text", "Robin.Example:1990-04-12",
        "9990004218", "0000000a-000b-000c-000d-0000000000e", "0000000a000b-000c-000d-0000000000ef",
    ],
)  # fmt: skip
def test_an_id_that_could_hold_anything_is_replaced(letters: Letters, odd: str) -> None:
    answer = letters.lead.api("POST", API, {}, X_Request_ID=odd, X_Correlation_ID=odd)
    for name in ("X-Request-ID", "X-Correlation-ID"):
        assert UUID.fullmatch(answer.headers[name])
    assert odd not in letters.stated()[0].headers
    assert {row.request_id for row in letters.audited()} == {answer.headers["X-Request-ID"]}


def test_ids_come_back_with_refusals_and_breakdowns_too(letters: Letters) -> None:
    for do in ("refuse", "forbid", "miss", "away", "break"):
        for answer in letters.both(do, X_Request_ID=ONE, X_Correlation_ID=TWO):
            assert (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"]) == (ONE, TWO), do
    problem = letters.lead.api("POST", API, {"do": "break"}, X_Request_ID=ONE).get_json()
    assert problem["instance"] == f"urn:uuid:{ONE}"
    without_hyphens = ONE.replace("-", "").upper()
    answer = letters.lead.api("POST", API, {"do": "break"}, X_Request_ID=without_hyphens)
    assert answer.headers["X-Request-ID"] == without_hyphens
    assert answer.get_json()["instance"] == f"urn:uuid:{ONE}"
    assert ONE in letters.lead.form(PAGE, {"do": "break"}, X_Request_ID=ONE).text


def test_a_trace_goes_on_and_an_odd_one_begins_anew(letters: Letters) -> None:
    for text, is_kept in ((TRACE, True), ("00-0af7-1-01", False), (TRACE.upper(), False), (TRACE + "-x", False)):
        letters.lead.api("POST", API, {}, traceparent=text)
        carried = json.loads(letters.stated()[-1].headers)["ce_traceparent"]
        found = [json.loads(row.headers)["ce_traceparent"] for row in letters.stated()]
        assert (text in found) == is_kept
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", carried)


# ---- headers of every answer


def test_every_answer_says_what_a_browser_may_not_do_with_it(letters: Letters) -> None:
    for name, answer in letters.every_answer().items():
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        for part in (
            "default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'",
            "frame-ancestors 'none'", "style-src 'self'",
        ):  # fmt: skip
            assert part in policy, name
        assert "unsafe" not in policy
        assert "http" not in policy
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY"), name
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store", name
        assert "Werkzeug" not in headers.get("Server", "")
        assert "Access-Control-Allow-Origin" not in headers


def test_scripts_of_a_page_run_by_a_nonce_of_their_own(letters: Letters) -> None:
    nonces = set()
    for _ in range(2):
        answer = letters.lead.page(PAGE)
        (nonce,) = set(re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]))
        assert f'nonce="{nonce}"' in answer.text
        nonces.add(nonce)
    assert len(nonces) == 2


def test_shipped_files_may_be_kept_and_are_no_secret(letters: Letters) -> None:
    answer = letters.nobody().page("/static/app.css")
    assert answer.status_code == 200
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# ---- health, readiness, metrics


def test_health_asks_nothing_and_readiness_looks_at_each_role(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = "/ops/partners"
    nobody = letters.nobody()
    assert nobody.api("GET", f"{at}/health").get_json() == {"service": "partners", "health": "alive"}
    ready = nobody.api("GET", f"{at}/ready")
    assert (ready.status_code, ready.get_json()["ready"]) == (200, True)
    assert set(ready.get_json()["roles"]) == {"web", "relay", "listen", "tick"}
    monkeypatch.setattr(letters["partners"].bus, "answers", lambda: False)
    ready = nobody.api("GET", f"{at}/ready")
    assert (ready.status_code, ready.get_json()["ready"]) == (503, False)
    assert ready.get_json()["roles"]["web"] == {"database": True, "keys": True}
    assert ready.get_json()["roles"]["relay"] == {"database": True, "carrier": False}
    assert nobody.api("GET", f"{at}/health").status_code == 200
    # A web process alone needs no carrier: it takes referrals in while the broker is away.
    letters["partners"].roles = ("web",)
    assert nobody.api("GET", f"{at}/ready").status_code == 200


def test_the_whole_house_answers_for_itself(letters: Letters) -> None:
    nobody = letters.nobody()
    assert nobody.api("GET", "/health").get_json() == {"alive": True, "services": {"partners": "alive"}}
    assert nobody.api("GET", "/ready").get_json()["ready"] is True
    assert "beenthere_http_answers_total" in nobody.api("GET", "/metrics").text


def test_answers_are_counted_by_route_and_never_by_what_was_asked(letters: Letters) -> None:
    letters.lead.api("GET", f"/api/v1/partners/{CANARY}")
    letters.lead.api(CANARY.upper(), API)
    letters.lead.page(f"{PAGE}?q={CANARY}")
    letters.lead.api("POST", API, {"do": "break", "name": CANARY})
    text = letters.nobody().api("GET", "/ops/partners/metrics").text
    assert CANARY.lower() not in text.lower()
    counted = "beenthere_http_answers_total"
    assert f'{counted}{{method="GET",route="{PAGE}",service="partners",status="200"}} 1.0' in text
    assert f'{counted}{{method="POST",route="{API}",service="partners",status="500"}} 1.0' in text
    assert f'{counted}{{method="other",route="unknown",service="partners",status="405"}} 1.0' in text
