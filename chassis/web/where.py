"""Where somebody may be sent on to: a path of our own, never another site; and which addresses are secrets."""

from __future__ import annotations

import re

from werkzeug.datastructures import Headers

# A path, then perhaps a query; no second slash at the start, no backslash, nothing a browser reads as another host.
_OURS = re.compile(
    r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@%-][A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_LONGEST = 1000


def our_path(given: str | None, otherwise: str = "/work") -> str:
    """The path somebody was going to when it is one of ours; else `otherwise`."""
    return given if given and len(given) <= _LONGEST and _OURS.fullmatch(given) else otherwise


# What a browser says of where a request is from.
SITE = "Sec-Fetch-Site"
# Addresses that open something by themselves: whoever has one comes in.
_SECRETS = ("/l/",)


def rests_on_its_token(path: str, headers: Headers) -> bool:
    """Whether only the form's token says that a page of ours sent this.

    A page whose address is a secret sends no word of where it is from, so a browser that says nothing else of that
    calls its origin null.
    """
    return is_secret(path) and headers.get("Origin") == "null" and SITE not in headers


def is_secret(path: str) -> bool:
    """Whether an address is a secret: it stands in no other address, and no page is told where somebody came from."""
    return path.startswith(_SECRETS)
