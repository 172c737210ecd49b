"""What is encrypted to our key is opened; nothing else is, in whatever way it was made."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, OKPKey

from chassis.jwe import MOST_BYTES, NotEncrypted, NotOpened, kid_of, new_key, open_with, public_of, seal

KEY, OTHER = new_key("one"), new_key("two")
KEYS = {"one": KEY}
WORDS = '{"hopes": "Löwenzahn"}'.encode()
HEADER = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "one"}


def made(**header: Any) -> bytes:
    """The words encrypted to our key with another header, as some other library might."""
    protected = {name: value for name, value in {**HEADER, **header}.items() if value is not None}
    registry = jwe.JWERegistry(algorithms=[protected["alg"], protected["enc"], "DEF"])
    return jwe.encrypt_compact(protected, WORDS, ECKey.import_key(public_of(KEY)), registry=registry).encode()


def with_header(body: bytes, **changes: Any) -> bytes:
    """A JWE whose header was changed afterwards."""
    head, *rest = body.split(b".")
    header = {**json.loads(base64.urlsafe_b64decode(head + b"==")), **changes}
    return b".".join([base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"="), *rest])


def test_what_is_encrypted_to_the_published_half_is_opened_by_the_private_one() -> None:
    assert open_with(seal(WORDS, public_of(KEY)), KEYS) == WORDS


def test_the_published_half_holds_no_secret() -> None:
    assert "d" in KEY
    assert set(public_of(KEY)) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_message_as_large_as_may_be_is_opened() -> None:
    # Base64 makes four bytes of three.
    large = b"x" * (MOST_BYTES * 3 // 4 - 300)
    assert open_with(seal(large, public_of(KEY)), KEYS) == large


def test_white_space_around_it_does_no_harm() -> None:
    assert open_with(b"\n" + seal(WORDS, public_of(KEY)) + b" \r\n", KEYS) == WORDS


def test_it_says_which_key_it_is_for() -> None:
    assert kid_of(seal(WORDS, public_of(OTHER))) == "two"


# A header of lists in lists, deeper than JSON is read.
DEEP = base64.urlsafe_b64encode(b"[" * 90_000) + b"...."


@pytest.mark.parametrize(
    "body",
    [
        b"", WORDS, b"a.b.c.d.e", b"....", b"e30.e30.e30", b"e30.a.b.c.d", b"W10.a.b.c.d", b"\xff" * 40, b"." * 9000,
        DEEP,
    ],
)  # fmt: skip
def test_what_is_no_jwe_is_refused_as_not_encrypted(body: bytes) -> None:
    with pytest.raises(NotEncrypted):
        open_with(body, KEYS)


@pytest.mark.parametrize(
    "body",
    [
        seal(WORDS, public_of(OTHER)),
        made(kid=None),
        made(kid="two"),
        made(zip="DEF"),
        made(enc="A128GCM"),
        made(enc="A256CBC-HS512"),
        made(alg="ECDH-ES+A256KW"),
        with_header(seal(WORDS, public_of(OTHER)), kid="one"),
        with_header(made(), kid=["one"]),
        with_header(made(), apu="bm9ib2R5"),
        with_header(made(), crit=["b64"]),
        with_header(made(), epk={"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
        with_header(made(), epk={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        with_header(made(), epk="AA"),
        with_header(made(), epk=None),
        with_header(made(), epk=OKPKey.generate_key("X25519").as_dict(private=False)),
        with_header(made(), alg="dir"),
        with_header(made(), alg="none"),
        made()[:-4] + b"AAAA",
        made().replace(b".", b".A", 1),
    ],
)
def test_what_was_made_otherwise_or_altered_is_refused_as_not_opened(body: bytes) -> None:
    with pytest.raises(NotOpened):
        open_with(body, KEYS)


def test_a_secret_both_would_have_to_know_is_not_taken() -> None:
    shared = OctKey.generate_key(256)
    body = jwe.encrypt_compact({**HEADER, "alg": "dir"}, WORDS, shared, algorithms=["dir", "A256GCM"]).encode()
    with pytest.raises(NotOpened):
        open_with(body, {"one": shared.as_dict(private=True)})


def test_what_is_said_repeats_nothing_of_the_message() -> None:
    with pytest.raises(NotOpened) as refused:
        open_with(with_header(made(), kid="Löwenzahn"), KEYS)
    assert "wenzahn" not in refused.value.says
