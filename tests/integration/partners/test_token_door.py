"""The token door: the NHS list of what is refused with its exact words, two hundred changed statements, and who may."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc import jwt

from chassis import passes
from services.partners.actions import tokens
from services.partners.domain.oauth import TokenRefused
from tests.integration.partners.nhs_list import (
    ALGORITHMS,
    EXPIRED,
    KID,
    REQUEST,
    SYSTEM,
    USED,
    WRONG,
    cases_of,
)
from tests.integration.partners.signing import (
    AUDIENCE,
    KIND,
    OTHERS,
    PAIRS,
    Systems,
    public,
    said,
    sign_bytes,
    systems_in,
)


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systems]:
    """The partners room on either database."""
    changes = {}
    if request.param == "postgres":
        databases = request.getfixturevalue("postgres")
        changes = {"database_url": databases.of("partners"), "keys_url": databases.empty()}
    made = systems_in(tmp_path, **changes)
    yield made
    made.house.close()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_nhs_list_is_refused_with_its_words_and_an_honest_statement_is_taken(room: Systems, algorithm: str) -> None:
    me = room.signing(algorithm)
    cases = cases_of(room, algorithm, me)
    answers = {name: room.send(statement) for name, (statement, _) in cases.items()}
    assert {name: said(answer) for name, answer in answers.items()} == {
        name: words for name, (_, words) in cases.items()
    }
    assert len(cases) >= 70
    assert all(answer.headers["Cache-Control"] == "no-store" for answer in answers.values())
    # The same run takes an honest one, with and without what may be left out, up to the last second allowed.
    for honest in (
        room.sign(algorithm, room.claims(me)), room.sign(algorithm, room.claims(me), typ=...),
        room.sign(algorithm, room.claims(me, exp=room.seconds + 300, iat=room.seconds, nbf=room.seconds), typ="jwt"),
    ):  # fmt: skip
        assert room.send(honest).status_code == 200
        assert said(room.send(honest)) == USED


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_sent_stands_in_no_answer(room: Systems, algorithm: str) -> None:
    me, canary = room.signing(algorithm), "Canary-of-this-test"
    changed = room.sign(algorithm, room.claims(me, iss=canary, sub=canary, jti=canary))
    forms: list[dict[str, Any]] = [
        {"client_assertion": changed}, {"client_assertion": canary}, {"grant_type": canary},
        {"client_assertion_type": canary}, {canary: [canary, canary]},
        {"client_secret": canary, "client_assertion": ..., "client_assertion_type": ...},
    ]  # fmt: skip
    for form in forms:
        statement = form.pop("client_assertion", room.sign(algorithm, room.claims(me)))
        answer = room.send(statement, **form)
        assert answer.status_code in {400, 401}
        assert canary not in answer.text + str(answer.headers)


OTHER_KIND = (400, REQUEST, f"Missing or invalid client_assertion_type - must be '{KIND}'")
TWICE = (400, REQUEST, "A parameter is given more than once")
OTHER_ID = (400, REQUEST, "client_id is not that of the client_assertion or client_secret")
TWO_WAYS = (400, REQUEST, "Use one way to sign in: a client_assertion or a client_secret")
FORMS: dict[str, tuple[dict[str, Any], tuple[int, str, str]]] = {
    "grant_type missing": ({"grant_type": ...}, (400, REQUEST, "grant_type is missing")),
    "grant_type another": ({"grant_type": "password"}, (400, "unsupported_grant_type", "grant_type is invalid")),
    "type missing": ({"client_assertion_type": ...}, OTHER_KIND),
    "type another": ({"client_assertion_type": KIND + "x"}, OTHER_KIND),
    "statement missing": ({"client_assertion": ...}, (400, REQUEST, "Missing client_assertion")),
    "statement empty": ({"client_assertion": ""}, (400, REQUEST, "Missing client_assertion")),
    "id of another": ({"client_id": "another"}, OTHER_ID),
    "two ways": ({"client_secret": "x"}, TWO_WAYS),
    "grant_type twice": ({"grant_type": ["client_credentials"] * 2}, TWICE),
    "an unknown one twice": ({"scope": ["a", "b"]}, TWICE),
    "too long": ({"scope": "x" * 20_000}, (400, REQUEST, "The request is too long")),
}  # fmt: skip


def test_a_form_that_is_not_as_agreed_is_refused_and_uses_no_number_up(room: Systems) -> None:
    me = room.signing("Ed25519")
    fine = room.sign("Ed25519", room.claims(me))
    seen = {name: said(room.send(fine, **form)) for name, (form, _) in FORMS.items()}
    assert seen == {name: words for name, (_, words) in FORMS.items()}
    twice = room.post(
        {"grant_type": "client_credentials", "client_assertion_type": KIND, "client_assertion": [fine, fine]}
    )
    assert said(twice) == (400, REQUEST, "A parameter is given more than once")
    not_a_form = (415, REQUEST, "Send the body as application/x-www-form-urlencoded, without files.")
    body = {"grant_type": "client_credentials", "client_assertion_type": KIND, "client_assertion": fine}
    assert said(room.post(json.dumps(body), content_type="application/json")) == not_a_form
    assert said(room.post(body, content_type="multipart/form-data")) == not_a_form
    packed = (415, REQUEST, "Send the body as it is, without Content-Encoding.")
    assert said(room.post(body, headers={"Content-Encoding": "gzip"})) == packed
    # An unknown parameter given once is let be (RFC 6749), and an id that fits is welcome.
    taken = room.send(fine, scope="referrals", client_id=me)
    assert taken.status_code == 200
    assert said(room.send(fine)) == USED


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_of_two_hundred_changed_statements_none_is_taken_and_none_uses_the_number_up(
    room: Systems, algorithm: str
) -> None:
    me, draw = room.signing(algorithm), random.Random(1)
    fine = room.sign(algorithm, room.claims(me))
    letters = "ABCXYZabcxyz0189-_"
    changed = {fine[:-1] + letter for letter in letters}
    while len(changed) < 200:
        at = draw.randrange(len(fine))
        changed.add(fine[:at] + draw.choice(letters + ".=") + fine[at + 1 :])
    changed.discard(fine)
    answers = [room.send(statement).status_code for statement in sorted(changed)]
    assert len(answers) >= 199
    assert [status for status in answers if status not in {400, 401}] == []
    assert room.send(fine).status_code == 200
    assert said(room.send(fine)) == USED


def test_a_number_is_one_systems_own(room: Systems) -> None:
    one, two = room.signing("RS512"), room.signing("Ed25519")
    number = "6cd46139-af51-4f78-b850-74fcdf70c75b"
    assert room.send(room.sign("RS512", room.claims(one, jti=number))).status_code == 200
    assert room.send(room.sign("Ed25519", room.claims(two, jti=number))).status_code == 200
    assert said(room.send(room.sign("RS512", room.claims(one, jti=number)))) == USED


def test_numbers_are_kept_until_their_statements_are_too_old_and_no_longer(room: Systems) -> None:
    me = room.signing("Ed25519")
    old = room.sign("Ed25519", room.claims(me))
    assert room.send(old).status_code == 200
    room.clock.advance(seconds=299 + 59)
    room.house.house.tick()
    assert _numbers_kept(room) == 1
    room.clock.advance(seconds=2)
    room.house.house.tick()
    assert _numbers_kept(room) == 0
    assert said(room.send(old)) == EXPIRED


def _numbers_kept(room: Systems) -> int:
    with room.house["partners"].reading() as unit:
        return int(unit.connection.execute(sa.text("SELECT count(*) FROM used_numbers")).scalar_one())


def test_the_pass_is_a_systems_and_lives_ten_minutes(room: Systems) -> None:
    me = room.signing("RS512")
    answer = room.send(room.sign("RS512", room.claims(me)))
    body = answer.get_json()
    assert (body["token_type"], body["expires_in"], set(body)) == (
        "Bearer",
        600,
        {"access_token", "token_type", "expires_in"},
    )
    assert answer.headers["Cache-Control"] == "no-store"
    found = room.house["partners"].entry.read(body["access_token"])
    assert (found.who.kind, found.who.id, found.who.partner_id) == ("system", me, room.partner_id)
    assert found.who.roles == {"system"}
    assert found.ends_at - found.issued_at == passes.LIFE


def test_an_id_that_looks_like_more_is_no_system(room: Systems) -> None:
    """Text from outside reaches the query as a value and nothing else, also where there is a system to be found."""
    room.signing("Ed25519")
    for odd in ("' or 1=1 --", "x" * 2000, "%", "é" * 30):
        answer = room.send(room.sign("Ed25519", room.claims(odd)))
        assert said(answer) == (401, SYSTEM, "Invalid iss/sub claims in JWT")


def test_the_next_key_is_known_before_the_one_in_use_is_revoked(room: Systems) -> None:
    me = room.signing("Ed25519")
    at = f"{room.at}/{me}"
    new = {"jwks": {"keys": [public(OTHERS["Ed25519"], "k2")]}}
    asked = room.asked(room.lead.api("POST", f"{at}/keys", new, Idempotency_Key="the next key"))
    assert room.settle(asked).status_code == 201
    old_key = lambda: room.sign("Ed25519", room.claims(me))  # noqa: E731
    new_key = lambda: room.sign("Ed25519", room.claims(me), OTHERS["Ed25519"], kid="k2")  # noqa: E731
    first = room.send(old_key())
    assert (first.status_code, room.send(new_key()).status_code) == (200, 200)
    third = {"jwks": {"keys": [public(OTHERS["Ed25519"], "k3")]}}
    refused = room.lead.api("POST", f"{at}/keys", third, Idempotency_Key="a third key")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "TooManyKeys")
    assert room.lead.api("POST", f"{at}/revocations", {"key": "k1"}).status_code == 204
    assert said(room.send(old_key())) == KID
    assert room.send(new_key()).status_code == 200
    again = {"jwks": {"keys": [public(OTHERS["Ed25519"], "k1")]}}
    refused = room.lead.api("POST", f"{at}/keys", again, Idempotency_Key="the old id")
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "KeyIdUsed")


def test_a_key_that_is_revoked_while_its_statement_is_checked_gives_no_pass(room: Systems) -> None:
    me, service = room.signing("Ed25519"), room.house["partners"]
    made = room.registered()
    with service.reading() as unit:
        known = tokens.look(unit, me, "192.0.2.1")
        by_key = tokens.system_of_secret(unit, made["api_key"], "192.0.2.1")
    statement = tokens.read_statement(room.sign("Ed25519", room.claims(me)))
    signed = tokens.check_statement(statement, known, AUDIENCE, room.clock.now())
    for system_id, key in ((me, "k1"), (made["system_id"], made["keys"][0]["key"])):
        assert room.lead.api("POST", f"{room.at}/{system_id}/revocations", {"key": key}).status_code == 204
    for shown, rule in ((signed, "KeyUnknown"), (by_key, "SecretWrong")):
        with pytest.raises(TokenRefused) as refused, service.writing() as unit:
            tokens.give(unit, shown, "192.0.2.1")
        assert refused.value.rule == rule
    assert _numbers_kept(room) == 0


def test_who_may_not_sign_in_is_told_so_only_when_they_have_shown_who_they_are(room: Systems) -> None:
    me = room.signing("Ed25519")
    held = (401, SYSTEM, "This system may not sign in now, or not from this address - ask the network lead")
    sign = lambda: room.sign("Ed25519", room.claims(me))  # noqa: E731
    assert room.send(sign()).status_code == 200
    suspension, closure = f"/api/v1/partners/{room.partner_id}/suspension", f"{room.at}/{me}/closure"
    for at in (suspension, closure):
        assert room.network.api("POST", at).status_code in {200, 204}
        assert said(room.send(sign())) == held
        assert said(room.send(room.sign("Ed25519", room.claims(me), OTHERS["Ed25519"]))) == WRONG
        room.network.api("DELETE", at)
        assert room.send(sign()).status_code == 200
    room.clock.advance(days=365)
    assert said(room.send(sign())) == held


def test_after_ten_failures_from_one_address_that_address_waits_and_others_do_not(room: Systems) -> None:
    me = room.signing("Ed25519")
    bad = lambda: room.sign("Ed25519", room.claims(me), OTHERS["Ed25519"])  # noqa: E731
    good = lambda: room.sign("Ed25519", room.claims(me))  # noqa: E731
    assert [room.send(bad(), "192.0.2.1").status_code for _ in range(10)] == [401] * 10
    waits = room.send(good(), "192.0.2.1")
    assert said(waits) == (429, REQUEST, "Too many tries failed - wait a quarter of an hour")
    assert waits.headers["Retry-After"] == "900"
    assert room.send(good(), "192.0.2.2").status_code == 200
    room.clock.advance(minutes=16)
    assert room.send(good(), "192.0.2.1").status_code == 200


def test_an_address_that_names_one_unknown_system_after_another_waits_too(room: Systems) -> None:
    unknown = lambda number: room.sign("Ed25519", room.claims(f"nobody {number}"))  # noqa: E731
    assert {room.send(unknown(number), "192.0.2.9").status_code for number in range(60)} == {401}
    assert room.send(unknown(61), "192.0.2.9").status_code == 429
    assert room.send(unknown(62), "192.0.2.10").status_code == 401


def test_what_cannot_be_committed_gives_no_pass_and_uses_nothing_up(room: Systems) -> None:
    me = room.signing("Ed25519")
    fine = room.sign("Ed25519", room.claims(me))
    engine = room.house["partners"].database.engine

    def fail(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the reply never came"))

    sa.event.listen(engine, "commit", fail)
    try:
        answer = room.send(fine)
    finally:
        sa.event.remove(engine, "commit", fail)
    assert answer.status_code == 503
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert "access_token" not in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert room.send(fine).status_code == 200


def test_every_pass_and_every_refusal_is_on_record(room: Systems) -> None:
    me = room.signing("Ed25519")
    room.send(room.sign("Ed25519", room.claims(me)))
    room.send(room.sign("Ed25519", room.claims(me), OTHERS["Ed25519"]))
    with room.house["partners"].reading() as unit:
        query = sa.text("SELECT subject, outcome, rule FROM audit WHERE action = 'token.give' ORDER BY sequence")
        rows = [tuple(row) for row in unit.connection.execute(query)]
    assert rows == [(me, "done", None), (me, "refused", "SignatureWrong")]


def test_a_pass_in_the_header_is_no_way_to_sign_in(room: Systems) -> None:
    me = room.signing("Ed25519")
    form = {"grant_type": "client_credentials"}
    basic = base64.b64encode(f"{me}:secret".encode()).decode()
    answer = room.post(form, headers={"Authorization": f"Basic {basic}"})
    assert (answer.status_code, answer.get_json()["error"]) == (401, SYSTEM)
    assert said(room.post(form))[0] == 400


def test_the_body_of_a_signature_is_hashed_as_agreed() -> None:
    """The tests' own signing is RSASSA-PKCS1-v1_5 with SHA-512, as RS512 says: a library agrees."""
    text = sign_bytes("RS512", b'{"a":1}', b'{"alg":"RS512"}')
    assert jwt.decode(text, PAIRS["RS512"], algorithms=["RS512"]).claims == {"a": 1}
