"""Cookies over HTTPS: of this host alone, never over plain HTTP, out of reach of scripts, not sent along by others."""

from __future__ import annotations

import pytest
from flask import Response

from chassis.web.passes import put_begun, put_pass, put_session, take_all


def given() -> list[str]:
    """Every cookie the house gives over HTTPS, and takes away, as its line of the answer."""
    answer = Response()
    put_session(answer, "a-session", is_secure=True)
    put_pass(answer, "a-pass", is_secure=True)
    put_begun(answer, "a-begun", 600, is_secure=True)
    take_all(answer, is_secure=True)
    lines = answer.headers.getlist("Set-Cookie")
    assert len({line.split("=")[0] for line in lines}) == 4
    return lines


@pytest.mark.parametrize("word", ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"])
def test_every_cookie_says_so(word: str) -> None:
    for line in given():
        assert word in line.split("; ")[1:], line


def test_every_cookie_is_of_this_host_alone() -> None:
    for line in given():
        assert line.startswith("__Host-"), line
        assert "domain" not in line.lower(), line
