"""Showing who one is: passwords and their hashing, codes of the moment, recovery codes, invitations."""

from __future__ import annotations

import base64
import hmac
import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from zxcvbn import zxcvbn

from chassis.errors import Retry
from chassis.ids import new_secret, new_token
from chassis.unit import Unit
from services.partners import store
from services.partners.actions.sessions import hashed, whole
from services.partners.domain import passwords, second_factors, sessions

# Time and memory of one hash (RFC 9106's second choice is 3 passes of 64 MiB); two at once at most in a process.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2)
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 5.0
# What is hashed when there is nobody to compare with, so that an unknown address takes as long as a known one.
_NOBODY = _HASHER.hash("nobody has this password")
# Guesses below which a password counts as one that many people have, or such a one with a little around it.
_COMMON_GUESSES = 10**8
INVITATION, TRY, SETTING_UP = "invitation", "try", "setting_up"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class HashingBusy(Retry):
    """Two passwords are hashed at once at most, so that a flood of tries cannot fill the memory."""

    says = "Many people are signing in just now. Try again in a moment."


# ---- passwords


def check_new_password(password: str, about_them: Iterable[str]) -> str:
    """Refuses a password that is not fit to be one; gives it as it is hashed."""
    password = passwords.settled(password)
    known = [word for word in about_them if word]
    guesses = zxcvbn(password[:72], known)["guesses"] if len(password) >= passwords.LEAST else 0
    passwords.check(password, is_common=guesses < _COMMON_GUESSES, about_them=known)
    return password


def hash_password(password: str) -> str:
    """The hash of a password; takes a tenth of a second, so it is done outside every transaction."""
    with _Turn():
        return _HASHER.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept; takes as long when nothing is kept."""
    with _Turn():
        try:
            return _HASHER.verify(kept or _NOBODY, passwords.settled(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


class _Turn:
    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
            raise HashingBusy()

    def __exit__(self, *_: Any) -> None:
        _AT_ONCE.release()


# ---- codes of the moment


def new_totp_secret() -> str:
    """A new secret for an app that shows codes, as such apps read it."""
    return base64.b32encode(new_secret(20)).decode()


def totp_address(secret: str, account: str) -> str:
    """What a phone reads from the square: the secret, under the name of this service."""
    label = quote(f"Been There:{account}")
    return f"otpauth://totp/{label}?secret={secret}&issuer=Been%20There&algorithm=SHA1&digits=6&period=30"


def step_of(secret: str, code: str, now_seconds: float, last_step: int) -> int | None:
    """The step whose code this is, when it is good now and was not used; None otherwise."""
    digits = code.replace(" ", "").encode("ascii", "ignore")
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), second_factors.STEP_SECONDS, enforce_key_length=False)  # noqa: S303
    for step in second_factors.steps_to_try(now_seconds, last_step):
        try:
            totp.verify(digits, step * second_factors.STEP_SECONDS)
        except InvalidToken:
            continue
        return step
    return None


# ---- recovery codes


def new_recovery_codes() -> list[str]:
    """Ten codes to keep on paper, each good once, each too long to be found from its hash."""
    made, size = [], second_factors.RECOVERY_GROUP
    for _ in range(second_factors.RECOVERY_CODES):
        letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in new_secret(second_factors.RECOVERY_LETTERS))
        made.append("-".join(letters[start : start + size] for start in range(0, len(letters), size)))
    return made


def recovery_hash(account_id: str, code: str) -> str:
    """What is kept of a recovery code: one plain hash, since nobody tries out 115 bits."""
    plain = code.strip().lower().replace(" ", "").replace("-", "")
    return hashed(f"{account_id}/{plain}")


# ---- a second factor


def has_factor(factor: Any) -> bool:
    """Whether an account has a second factor that was confirmed."""
    return factor is not None and factor.secret is not None


def needs_code(roles: Iterable[str], factor: Any) -> bool:
    """Whether a code is asked of an account: by its roles, or because its owner wanted one."""
    return sessions.needs_second_factor(roles) or (factor is not None and factor.confirmed_at is not None)


def use_code(unit: Unit, account_id: str, code: str, secret: Any) -> bool:
    """Uses up a code of the moment, or a recovery code; false when it is neither. `secret` is the opened one."""
    factor = store.second_factor_of(whole(unit), unit, account_id)
    step = step_of(secret, code, unit.now.timestamp(), factor.last_step) if factor and secret else None
    if step is not None and store.use_step(unit, account_id, step):
        return True
    if not store.use_recovery_code(unit, account_id, recovery_hash(account_id, code)):
        return False
    unit.note("recovery_code.use", subject=account_id)
    return True


# ---- good once


def give_once(unit: Unit, purpose: str, account_id: str, lasts: timedelta) -> str:
    """A token good once for this purpose; those given before for the same are good no more."""
    store.end_once_only(unit, account_id, purpose)
    token = new_token()
    store.add_once_only(
        unit, hash=hashed(token), purpose=purpose, account_id=account_id, ends_at=unit.now + lasts, used_at=None
    )
    return token


def once_given(unit: Unit, purpose: str, token: str) -> Any:
    """The row of a token that is still good, or None."""
    return store.once_only_by_hash(whole(unit), unit, purpose, hashed(token)) if token else None


# ---- tries


def check_tries(unit: Unit, login: str, address: str) -> None:
    """Refuses a try when too many failed lately for this login or from this address."""
    since = unit.now - timedelta(minutes=unit.policy.failed_tries_minutes)
    for of, most in ((login, unit.policy.failed_tries_account), (address, unit.policy.failed_tries_address)):
        sessions.check_tries(store.failed_tries_since(whole(unit), unit, of, since), most)


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
