"""Where somebody may be sent on to: a path of our own, never another site; and which addresses are secrets."""

from __future__ import annotations

import re

# A path, then perhaps a query; no second slash at the start, no backslash, nothing a browser reads as another host.
_OURS = re.compile(
    r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@%-][A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_LONGEST = 1000


def our_path(given: str | None, otherwise: str = "/work") -> str:
    """The path somebody was going to when it is one of ours; else `otherwise`."""
    return given if given and len(given) <= _LONGEST and _OURS.fullmatch(given) else otherwise


# Addresses that open something by themselves: whoever has one comes in.
_SECRETS = ("/l/",)


def is_secret(path: str) -> bool:
    """Whether an address is a secret: it stands in no other address, and no page is told where somebody came from."""
    return path.startswith(_SECRETS)
