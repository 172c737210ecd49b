"""The look: one base page, text that is always escaped, files that stay at home, words as people read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, render_template_string
from jinja2 import DictLoader

from chassis.clock import HandClock
from chassis.web import showing
from chassis.web.form_tokens import FIELD, hidden_field
from chassis.web.look import asset, dress, page

NOW = datetime(2026, 7, 14, 13, 30, tzinfo=UTC)
EVIL = "<b>\"x'</b>"

PLAIN = '{% extends "base.jinja" %}{% block content %}<h1>{{ title }}</h1>{{ said }}{% endblock %}'
EVERY_PART = """
{% extends "base.jinja" %}
{% block content %}
<form method="post" novalidate>
{{ text_field(form, faults, "person.name", evil, hint=evil, suffix=evil) }}
{{ textarea_field(form, faults, "needs", evil, hint=evil) }}
{{ textarea_field(form, faults, "more", evil, hint=evil, limit=200) }}
{{ date_field(form, faults, "person.birth_date", evil, hint=evil, autocomplete="bday") }}
{% set inside %}{{ text_field(form, faults, "inner", evil) }}{% endset %}
{{ radios_field(form, faults, "risk", evil, [{"value": evil, "text": evil, "hint": evil}, ["no", evil]], hint=evil) }}
{{ checkboxes_field(form, faults, "languages", evil, [{"value": "cy", "text": evil, "inside": inside}], hint=evil) }}
{{ select_field(form, faults, "area", evil, [[evil, evil]], hint=evil, blank=evil) }}
{{ hidden("key", evil) }}{{ submit(evil) }}
</form>
{{ facts_list([[evil, evil], ["Tag", status_tag(evil)], {"key": evil, "value": evil, "href": evil, "action": evil}]) }}
{{ rows_table([evil], [[evil], [link(evil, evil, evil)]], evil) }}{{ rows_table([evil], [], evil, empty=evil) }}
{{ action_form(evil, evil, {evil: evil}, about=evil) }}{{ prose(evil) }}{{ big_number(evil, evil) }}{{ nowrap(evil) }}
{{ page_links(2, 9, evil) }}
{% endblock %}
"""


def an_app(templates: dict[str, str] | None = None, *, demo: bool = False, who: Any = None) -> Flask:
    app = Flask("sample", static_folder=None)
    app.jinja_loader = DictLoader({"plain.jinja": PLAIN, "parts_all.jinja": EVERY_PART, **(templates or {})})
    app.extensions["beenthere"] = SimpleNamespace(clock=HandClock(NOW))
    dress(app, demo=demo)
    app.secret_key, app.jinja_env.globals["form_token"] = "a secret", hidden_field
    app.config["WTF_CSRF_FIELD_NAME"] = FIELD
    links = [
        {"text": "Start", "href": "/"},
        {"text": "Board", "href": "/board"},
        {"text": "Rules", "href": "/board/rules"},
    ]
    app.context_processor(lambda: {"who": who, "navigation": links})
    return app


def shown(app: Flask, template: str, path: str = "/board", **values: Any) -> str:
    def view() -> Response:
        return page(template, title=values.pop("title", "The board"), **values)

    app.add_url_rule("/<path:anything>", "view", lambda anything: view())
    return app.test_client().get(path).text


def test_nothing_typed_by_anyone_comes_out_as_html_from_any_part() -> None:
    faults = dict.fromkeys(
        ("person.name", "needs", "more", "person.birth_date", "risk", "languages", "area", "inner"), EVIL
    )
    form = {
        "person.name": EVIL,
        "needs": EVIL,
        "more": EVIL,
        "inner": EVIL,
        "languages": ["cy"],
        "person.birth_date-day": EVIL,
    }
    app = an_app(who=SimpleNamespace(called=EVIL, role=EVIL))
    html = shown(app, "parts_all.jinja", title=EVIL, form=form, faults=faults, evil=EVIL, back=EVIL)
    assert "<b>" not in html
    assert html.count("&lt;b&gt;") > 60
    assert "&amp;lt;" not in html


def test_each_field_has_one_id_its_label_and_its_own_fault() -> None:
    html = shown(an_app(), "parts_all.jinja", evil="words", faults={"person.name": "Give a name"}, status=422)
    ids = re.findall(r'\bid="([^"]+)"', html)
    labels = re.findall(r'<label[^>]*for="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(labels) <= set(ids)
    assert 'id="person-name-error"' in html
    assert 'aria-describedby="person-name-hint person-name-error"' in html


def test_the_summary_leads_to_the_first_input_of_a_date() -> None:
    html = shown(an_app(), "parts_all.jinja", evil="words", faults={"person.birth_date": "Must be a real date"})
    assert 'href="#person-birth_date"' in html
    assert re.search(r'<input[^>]*id="person-birth_date" name="person.birth_date-day"', html)


def test_known_answers_stand_in_their_fields() -> None:
    known = {
        "person.birth_date": date(1991, 3, 4),
        "risk": "no",
        "languages": ["cy"],
        "area": "words",
        "needs": "Someone",
    }
    html = shown(an_app(), "parts_all.jinja", evil="words", form=known)
    assert re.findall(r'name="person\.birth_date-\w+" type="text" value="(\d*)"', html) == ["4", "3", "1991"]
    assert re.search(r'value="no" checked', html)
    assert re.search(r'value="cy" checked', html)
    assert re.search(r'<option value="words" selected', html)
    assert ">Someone</textarea>" in html


def test_a_title_says_where_one_is_and_begins_with_error_when_there_is_one() -> None:
    app = an_app()
    assert "<title>The board \u2013 Been There</title>" in shown(app, "plain.jinja")
    html = shown(an_app(), "plain.jinja", faults={"area": "Choose an area", "": "The form is old"})
    assert "<title>Error: The board \u2013 Been There</title>" in html
    assert re.search(r'<a href="#area">\s*Choose an area', html)
    assert html.index("There is a problem") < html.index("<h1>")


def test_a_demo_says_so_on_every_page_and_offers_another_person() -> None:
    html = shown(an_app(demo=True, who=SimpleNamespace(called="Grace", role="coordinator")), "plain.jinja")
    assert "Demo: made-up people. Nothing here is real." in html
    assert "Grace, coordinator" in html
    assert re.search(r'href="/demo">\s*Change person', html)


def test_outside_a_demo_nothing_speaks_of_it() -> None:
    html = shown(an_app(), "plain.jinja")
    assert "made-up" not in html
    assert "/demo" not in html


def test_help_in_an_emergency_and_the_promised_pages_stand_on_every_page() -> None:
    html = shown(an_app(), "plain.jinja")
    for words in (
        "tel:999",
        "tel:111",
        "tel:116123",
        'href="/accessibility"',
        'href="/privacy"',
        'href="/help"',
        "Skip to main content",
    ):
        assert words in html


@pytest.mark.parametrize(
    ("path", "current"), [("/board", "Board"), ("/board/7", "Board"), ("/board/rules", "Rules"), ("/boards", None)]
)
def test_the_navigation_marks_only_the_nearest_entry(path: str, current: str | None) -> None:
    html = shown(an_app(), "plain.jinja", path)
    assert re.findall(r"current-fallback\">(\w+)<", html) == ([current] if current else [])


def test_the_only_inline_script_carries_the_nonce_of_its_request() -> None:
    app = an_app()
    app.add_url_rule("/", "view", lambda: page("plain.jinja", title="Start"))
    first, second = (re.findall(r'<script nonce="([^"]+)"', app.test_client().get("/").text) for _ in range(2))
    assert len(first) == 1
    assert first != second


def test_no_page_shows_the_nhs_logo() -> None:
    html = shown(an_app(), "plain.jinja")
    assert "nhsuk-header__logo" not in html
    assert "favicon" not in html


def test_a_file_asked_for_by_its_hash_is_kept_for_a_year_and_another_for_an_hour() -> None:
    client = an_app().test_client()
    kept = client.get(asset("app.css"))
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/app.css").headers["Cache-Control"] == "public, max-age=3600"
    assert client.get("/static/app.css?v=old").headers["Cache-Control"] == "public, max-age=3600"
    assert client.get("/static/app.css", headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304


def test_scripts_and_styles_say_their_type_and_nothing_outside_the_folder_is_served() -> None:
    client = an_app().test_client()
    assert client.get("/static/vendor/nhsuk.js").mimetype == "text/javascript"
    assert client.get(asset("swagger/swagger-ui.css")).mimetype == "text/css"
    assert client.get("/static/../templates/base.jinja").status_code == 404
    assert client.get("/static/%2e%2e/templates/base.jinja").status_code == 404
    assert client.get("/static/swagger/nothing.js").status_code == 404


def test_the_problem_page_says_what_to_do_and_gives_the_reference() -> None:
    for status, words in {
        404: "check that it is right",
        503: "Nothing was lost",
        422: "try again",
        500: "few minutes",
    }.items():
        given: dict[str, Any] = {"says": "It is so.", "faults": [{"detail": EVIL}], "request_id": "r-1"}
        html = shown(an_app(), "problem.jinja", title="Sorry", status=status, **given)
        assert words in html
        assert "r-1" in html
        assert "Error:" not in html
        assert "<b>" not in html


def test_the_docs_page_shows_the_service_asked_for_or_the_first() -> None:
    specs = [{"name": "home", "url": "/openapi/home.json"}, {"name": "matching", "url": "/openapi/matching.json"}]
    assert 'data-spec="/openapi/home.json"' in shown(an_app(), "docs.jinja", "/docs", specs=specs)
    assert 'data-spec="/openapi/matching.json"' in shown(an_app(), "docs.jinja", "/docs?service=matching", specs=specs)
    assert 'data-spec="/openapi/home.json"' in shown(an_app(), "docs.jinja", "/docs?service=http://x", specs=specs)


def test_days_and_moments_are_written_for_a_reader_in_england() -> None:
    assert showing.day(date(1991, 3, 14)) == "14 March 1991"
    assert showing.day("1991-03-04") == "4 March 1991"
    assert showing.day(datetime(2026, 7, 14, 23, 30, tzinfo=UTC)) == "15 July 2026"
    assert showing.moment(NOW) == "2:30pm on 14 July 2026"
    assert showing.moment("2026-01-14T10:00:00+00:00") == "10am on 14 January 2026"
    assert showing.moment(datetime(2026, 1, 14, 12, tzinfo=UTC)) == "midday on 14 January 2026"
    assert showing.moment(None) == ""
    with pytest.raises(ValueError, match="without a zone"):
        showing.moment(datetime(2026, 1, 14, 12))  # noqa: DTZ001 - what is refused


def test_days_ago_counts_days_of_the_london_calendar() -> None:
    app = an_app()
    with app.test_request_context("/"):
        said = render_template_string(
            "{{ a | days_ago }}/{{ b | days_ago }}/{{ c | days_ago }}/{{ d | days_ago }}/{{ none | days_ago }}",
            a=NOW, b=date(2026, 7, 13), c=datetime(2026, 7, 4, 23, 30, tzinfo=UTC), d=date(2026, 7, 16),
        )  # fmt: skip
    assert said == "today/yesterday/9 days ago/in 2 days/"


def test_an_nhs_number_is_written_in_groups_that_hold_together() -> None:
    assert showing.nhs_number("9991234567") == "999\u00a0123\u00a04567"
    assert showing.nhs_number("999 123 4567") == "999\u00a0123\u00a04567"
    assert showing.nhs_number("12") == "12"
    assert showing.nhs_number(None) == ""


def test_outside_a_demo_everybody_finds_the_way_in_and_the_way_out() -> None:
    assert re.search(r'href="/sign-in">\s*Sign in', shown(an_app(), "plain.jinja"))
    inside = shown(an_app(who=SimpleNamespace(called="Grace", role="coordinator")), "plain.jinja")
    assert re.search(r'<form[^>]*action="/sign-out"[^>]*method="post"', inside)
    assert "Sign out" in inside
