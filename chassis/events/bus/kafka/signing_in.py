"""How a client shows a broker who it is: with a SCRAM password, over TLS where an authority is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True)
class SignIn:
    """A name and a password, and the file of whoever vouches for the broker; all empty at an open listener."""

    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = ""

    def options(self) -> dict[str, Any]:
        """What a client of kafka-python is given."""
        sealed = {"ssl_cafile": self.authority} if self.authority else {}
        if not self.user:
            return {"security_protocol": "SSL", **sealed} if sealed else {}
        return {
            "security_protocol": "SASL_SSL" if sealed else "SASL_PLAINTEXT",
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
            **sealed,
        }


OPEN = SignIn()
