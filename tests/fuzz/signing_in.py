"""What signing in takes in the story: somebody invited, somebody at their second step, somebody who is in; systems.

Tokens are chance in the house; here they are words of the story, so that both databases hold the same.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from chassis.unit import Unit
from contracts import links, marks
from services.partners import store
from services.partners.actions import proving, systems
from services.partners.actions.sessions import hashed
from tests.builders import open_account

if TYPE_CHECKING:
    from tests.fuzz.world import World

EMAIL, PASSWORD = "signs-in@example.org", "seven grey herons by the weir"
INVITATION, TRY, SETTING_UP, SESSION, LINK = (
    f"{name}-of-the-story".ljust(43, "x") for name in ("in", "try", "set", "is", "link")
)
WORD = "kingfisher"
RECOVERY_CODE = "abcde-fghjk"
# Of whoever has everything: a password, an app, recovery codes.
KEPT_CODE = "mnpqr-stuvw"
API_KEY = systems.derived_api_key("the story", "a system")
# Example keys of RFC 8037 (appendix A) and RFC 8032 (section 7.1, test 2).
A_KEY = {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
ANOTHER_KEY = {"kty": "OKP", "crv": "Ed25519", "kid": "b", "x": "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"}
_EMAILS = {"signs_in": EMAIL, "invited": "in@example.org", "steps": "try@example.org", "sets_up": "set@example.org"}
_BOTH = "both@example.org"
_FACTOR = bytes(range(20))
# Little work: what a hash costs is held elsewhere, and the story asks for one with every case that reaches it.
_HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
_LONG = timedelta(days=300)


def code(world: World) -> str:
    """What the app of whoever is setting one up shows at the moment of the story."""
    return TOTP(_FACTOR, 6, SHA1(), 30, enforce_key_length=False).generate(int(world.clock.now().timestamp())).decode()  # noqa: S303


def tell(world: World) -> None:
    """Adds them to the story."""
    accounts = {name: _account(world, name, email) for name, email in _EMAILS.items()}
    # Two who come by their own pages too: one with a password alone, one with an app beside it.
    world.people["signs_in"] = world.as_("peer", partner_id=world.at["kindred"], id=accounts["signs_in"])
    both = _account(world, "both", _BOTH, role="referrer", at="partner")
    world.people["both"] = world.as_("referrer", partner_id=world.at["partner"], id=both)
    world.at["both"] = both
    house = world.house.services["partners"]
    ring = house.vault.make(accounts["sets_up"], ["second_factor"]).joined(house.vault.make(both, ["second_factor"]))
    with house.writing(ring) as unit:
        _whole(unit, both, ring.seal(both, "second_factor", base64.b32encode(_FACTOR).decode()))
        _people(unit, accounts, ring.seal(accounts["sets_up"], "second_factor", base64.b32encode(_FACTOR).decode()))
        _systems(unit, world)
    at = f"/api/v1/partners/{world.at['partner']}"
    asked = world.post("lead", f"{at}/systems/{world.at['system']}/api-keys", {}, Idempotency_Key="a key to fetch")
    world.at["key_asking"] = asked["asking_id"]
    world.post("second", f"{at}/askings/{asked['asking_id']}/confirmation")
    _link(world, world.at["accepted_person"])


def _link(world: World, person_id: str) -> None:
    """A private link of somebody, and their word, as the partners room keeps them."""
    vault = world.house.services["referrals"].vault
    ring = vault.make(person_id, [links.WORD_CLASS]).joined(vault.make(marks.OWNER, [marks.CLASS]))
    mark = links.word_mark(partial(ring.mark, marks.OWNER, marks.CLASS), person_id, WORD)
    with world.house.services["partners"].writing() as unit:
        store.keep_link(
            unit, hash=links.hash_of(LINK), link_id=world.ids.new(), person_id=person_id, purpose="own_pages",
            ends_at=unit.now + _LONG,
        )  # fmt: skip
        store.keep_word(unit, person_id, ring.seal(person_id, links.WORD_CLASS, mark))


def _account(world: World, name: str, email: str, *, role: str = "peer", at: str = "kindred") -> str:
    """A peer's account, where nothing else is said: no code is asked of one who has none."""
    body = {"called": name.title(), "roles": [role], "email": email}
    lead, second = world.people["lead"], world.people["second"]
    made = open_account(lead, second, world.at[at], body, f"account-{name}")
    assert made.status_code == 201, made.text
    return str(made.get_json()["account_id"])


def _whole(unit: Unit, account_id: str, secret: str) -> None:
    store.put_password(unit, account_id, _HASHED)
    store.put_second_factor(unit, account_id, secret)
    store.confirm_second_factor(unit, account_id, secret, 0)
    store.put_recovery_codes(unit, account_id, [proving.recovery_hash(account_id, KEPT_CODE)])


def _people(unit: Unit, accounts: dict[str, str], secret: str) -> None:
    store.put_password(unit, accounts["signs_in"], _HASHED)
    for account, purpose, token in (
        ("invited", proving.INVITATION, INVITATION),
        ("steps", proving.TRY, TRY),
        ("sets_up", proving.SETTING_UP, SETTING_UP),
    ):
        store.add_once_only(
            unit, hash=hashed(token), purpose=purpose, account_id=accounts[account], ends_at=unit.now + _LONG,
            used_at=None,
        )  # fmt: skip
    store.put_recovery_codes(unit, accounts["steps"], [proving.recovery_hash(accounts["steps"], RECOVERY_CODE)])
    store.put_second_factor(unit, accounts["sets_up"], secret)
    store.add_session(
        unit, hash=hashed(SESSION), handle="the session of the story", kind="account", who_id=accounts["signs_in"],
        called=None, provider_sid=None, began_at=unit.now, seen_at=unit.now,
    )  # fmt: skip


def _systems(unit: Unit, world: World) -> None:
    asked: dict[str, Any] = {"name": "Records", "purpose": "Sends.", "networks": ()}
    for name, more, key in (
        ("system", {"way": "api_key"}, API_KEY),
        ("signing_system", {"way": "signing_keys", "jwks": {"keys": [A_KEY]}}, None),
    ):
        world.at[name] = world.ids.new()
        systems.register(unit, world.at["partner"], world.at[name], {**asked, **more}, by=unit.who.id)
        if key:
            systems.add_api_key(unit, world.at[name], key, None)
    world.at["system_key"] = API_KEY.prefix
