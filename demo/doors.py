"""Somebody at the doors of the house: knocks in process, with a pass, the way a browser or a partner's system does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from chassis import passes
from chassis.access import Principal
from chassis.errors import Misbuilt
from chassis.house import House
from chassis.watch import Itself

# Signs for everybody made up while a year is played, in this process alone.
_PLAYING = passes.new_key()
# What a browser says of a form that was shown by the site itself.
_FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
# The answer to what the state of things does not allow just now.
_NOT_NOW = 409


class DoorRefused(Misbuilt):
    """A door refused what the play asked of it: play and rules do not fit any more."""


class Hand:
    """One human being or system that knocks; every answer that is a refusal stops the play with its words."""

    def __init__(self, house: House, who: Principal) -> None:
        self.who = who
        self._house = house

    def get(self, path: str) -> Any:
        """Asks for what the API gives at `path`."""
        return self._send("GET", path).get_json()

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """Sends JSON; `key` is the Idempotency-Key of a request that makes a new thing."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if key:
            sent["Idempotency-Key"] = key
        return self._send("POST", path, json=body, headers=sent).get_json(silent=True)

    def put(self, path: str, body: Any) -> Any:
        """Sends JSON that replaces what was said before."""
        return self._send("PUT", path, json=body).get_json(silent=True)

    def delete(self, path: str) -> Any:
        """Takes something back."""
        return self._send("DELETE", path).get_json(silent=True)

    def fill_in(self, path: str, fields: Mapping[str, Any]) -> str:
        """Sends a form; gives the address of the page that follows."""
        return self._send("POST", path, data=dict(fields), headers=_FROM_OUR_PAGE).headers.get("Location", "")

    def attempt(self, path: str, body: Any) -> bool:
        """Sends JSON that may come at the wrong moment; false when the state of things does not allow it now."""
        return self._send("POST", path, but=_NOT_NOW, json=body).status_code != _NOT_NOW

    def attempt_form(self, path: str, fields: Mapping[str, Any]) -> bool:
        """Sends a form that may come at the wrong moment; false when the state of things does not allow it now."""
        answer = self._send("POST", path, but=_NOT_NOW, data=dict(fields), headers=_FROM_OUR_PAGE)
        return answer.status_code != _NOT_NOW

    def _send(
        self, method: str, path: str, *, but: int = 0, headers: Mapping[str, str] | None = None, **body: Any
    ) -> Response:
        token = passes.mint(_PLAYING, self.who, self._house.shared.clock.now())
        sent = Headers({"Authorization": f"Bearer {token}", **(headers or {})})
        asked = EnvironBuilder(path, method=method, headers=sent, **body)
        answer = Response(*run_wsgi_app(self._house, asked.get_environ(), buffered=True))
        if answer.status_code >= 400 and answer.status_code != but:
            raise DoorRefused(f"The made-up region cannot be played: {method} {path} was answered {_words(answer)}")
        return answer


def played_through() -> dict[str, Any]:
    """What a house is handed in which a year is played: it believes the play's own key, which is gone with the play."""
    public = passes.read_key(passes.public_half(_PLAYING))
    return {"pass_keys": {public.kid: public}, "watch": Itself()}


def _words(answer: Response) -> str:
    problem = answer.get_json(silent=True) or {}
    told = [f"{error['field']}: {error['detail']}" for error in problem.get("errors", ())]
    return f"{answer.status_code} {problem.get('rule', '')} {'; '.join(told) or problem.get('detail', '')}".strip()
