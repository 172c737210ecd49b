"""Reads the forms of a page, as someone without a script would fill them in."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class Forms(HTMLParser):
    """Reads the forms of a page: where each is sent, what it holds already, its buttons, and what it insists on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append({"action": found["action"], "holds": {}, "buttons": {}, "insists": []})
        if not self.forms or tag not in ("input", "button", "textarea", "select"):
            return
        form, name = self.forms[-1], found.get("name")
        if "required" in found:
            form["insists"].append(name)
        if tag == "input" and found.get("type") == "hidden":
            form["holds"][name] = found.get("value") or ""
        if tag == "button" and name:
            form["buttons"][found["value"]] = name

    def to(self, end: str) -> dict[str, Any]:
        """The one form sent to an address with this end."""
        (form,) = [one for one in self.forms if one["action"].endswith(end)]
        return form
