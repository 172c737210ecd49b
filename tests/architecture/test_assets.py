"""What we ship to a browser asks no other host, and no template holds what escaping or the policy cannot guard."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from jinja2 import Environment

from deploy.assets import OUTSIDE, VENDOR, clean_script, clean_styles

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "chassis" / "static"
SHIPPED = sorted(path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg", ".json"})
ROOMS = [ROOT / "chassis" / "templates", *sorted((ROOT / "services").glob("*/templates"))]
TEMPLATES = sorted(path for room in ROOMS for path in room.rglob("*.jinja"))

# An address a reader may follow is no request of the page.
_FOLLOWED = re.compile(r'<a\s[^>]*href="https://[^"]*"')
_RULES = {
    "joins HTML by a tilde, which does not escape": re.compile(
        r"""(["'])[^"'\n]*<[^"'\n]*\1\s*~|~\s*(["'])[^"'\n]*<[^"'\n]*\2"""
    ),
    "holds an inline style": re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "holds an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "holds an inline handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "switches escaping off": re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\("),
    "asks another host": OUTSIDE,
}


def faults_in(text: str) -> list[str]:
    """Gives the rules a template breaks."""
    bare = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return [says for says, rule in _RULES.items() if rule.search(_FOLLOWED.sub("", bare) if rule is OUTSIDE else bare)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_shipped_file_names_another_host_or_the_licensed_font(path: Path) -> None:
    text = path.read_text()
    assert not OUTSIDE.findall(text)
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", text)
    assert "frutiger" not in text.lower()


def test_every_file_the_stylesheet_asks_for_is_shipped() -> None:
    for styles in STATIC.rglob("*.css"):
        for asked in re.findall(r"url\([\"']?([^)\"']+)", styles.read_text()):
            assert asked.startswith("data:") or (styles.parent / asked).is_file(), asked


def test_the_copied_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest["sha256"] == found


def test_cleaning_takes_out_hosted_fonts_and_source_maps() -> None:
    font = "@font-face{font-family:Frutiger W01;src:url(https://fonts.example.org/f.woff2)}"
    css = font + "p{font-family:Frutiger W01,arial;background:url(/assets/i.svg)}/*# sourceMappingURL=a.map */"
    assert clean_styles(css) == "p{font-family:arial;background:url(assets/i.svg)}"
    assert clean_script("let a\n//# sourceMappingURL=a.map") == "let a\n"


def test_there_are_templates_to_look_at() -> None:
    assert {"base.jinja", "parts.jinja", "problem.jinja", "docs.jinja"} <= {path.name for path in TEMPLATES}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_can_be_read_and_breaks_no_rule(path: Path) -> None:
    text = path.read_text()
    Environment(autoescape=True).parse(text)
    assert faults_in(text) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{{ insetText({"html": "<i>" ~ name}) }}', "joins HTML by a tilde"),
        ("{{ insetText({'html': name ~ '</i>'}) }}", "joins HTML by a tilde"),
        ('<p style="color: red">', "inline style"),
        ("<style>p {}</style>", "inline style"),
        ("<script>go()</script>", "inline script"),
        ('<a href="/" onclick="go()">', "inline handler"),
        ("{{ name | safe }}", "switches escaping off"),
        ('<img src="https://pictures.example.org/a.png">', "asks another host"),
        ('<script src="//cdn.example.org/a.js"></script>', "asks another host"),
    ],
)
def test_a_template_that_breaks_a_rule_is_caught(text: str, says: str) -> None:
    assert any(says in fault for fault in faults_in(text))


@pytest.mark.parametrize(
    "text",
    [
        '<a class="nhsuk-link" href="https://www.samaritans.org/">Samaritans</a>',
        '{{ text_field(form, faults, "a", "Name of " ~ called) }}',
        "{# never <i> ~ name #}",
        '{% if count < 3 %}{{ "few" ~ count }}{% endif %}',
    ],
)
def test_what_is_allowed_is_let_through(text: str) -> None:
    assert faults_in(text) == []
