"""A good request for each write route of the partners room, and what signing in takes."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import SETUP
from tests.fuzz import signing_in
from tests.fuzz.asked import api, day, form
from tests.fuzz.knocks import FORM, KEY, Good
from tests.fuzz.world import World

_PARTNER = {
    "code": "new-voices", "name": "New Voices", "kind": "nhs_body", "area": "north", "ods_code": "RZ902",
    "agreement": {"starts_on": "2026-03-01", "ends_on": "2027-03-01"},
}  # fmt: skip


def goods_of_partners(world: World) -> dict[str, Good]:
    """Organisations, agreements, the code of conduct, and what a partner is asked first."""
    partner: dict[str, Any] = {"partner_id": world.at["partner"]}
    answers = {name: answer for name, answer in SETUP.items() if name != "posts"} | {"posts.first.title": "Peer worker",
        "posts.first.kind": "paid", "posts.first.hours": "30", "posts.first.contract": "permanent",
        "training_hours": "40"}  # fmt: skip
    conduct = {"words": "We walk beside each other, always.", "in_force_on": "2027-03-01"}
    joining = {name: text for name, text in _PARTNER.items() if name != "agreement"} | {
        **day("agreement.starts_on"),
        **day("agreement.ends_on"),
        "agreement.ends_on-year": "2027",
    }
    return {
        "POST /api/v1/partners": api("lead", _PARTNER, gives_back=True, keyed=True),
        "POST /api/v1/partners/<uuid:partner_id>/suspension": api("lead", **partner),
        "DELETE /api/v1/partners/<uuid:partner_id>/suspension": api("lead", **partner),
        "POST /api/v1/partners/<uuid:partner_id>/agreements": api("lead", _PARTNER["agreement"], keyed=True, **partner),
        "POST /partners/<uuid:partner_id>/agreements": form(
            "lead", {"key": KEY, **day("starts_on"), **day("ends_on"), "ends_on-year": "2027"}, **partner
        ),
        "POST /api/v1/partners/conduct": api("lead", conduct, gives_back=True, keyed=True),
        "POST /partners/conduct/new": form(
            "lead", {"key": KEY, "words": conduct["words"], **day("in_force_on"), "in_force_on-year": "2027"}
        ),
        "POST /api/v1/partners/conduct/acceptance": api("asha", {"version": 1}),
        "POST /partners/conduct/acceptance": form("asha", {"version": "1"}),
        "POST /api/v1/partners/<uuid:partner_id>/answers": api("lead", SETUP, gives_back=True, keyed=True, **partner),
        "POST /partners/<uuid:partner_id>/questions": form("lead", {"key": KEY, **answers}, **partner),
        "POST /partners/new": form("lead", {"key": KEY, **joining}),
        "POST /partners/<uuid:partner_id>/suspension": form("lead", {"suspend": "yes"}, **partner),
    }


def goods_of_accounts(world: World) -> dict[str, Good]:
    """Accounts, their roles, what waits for a second person, and handing over."""
    partner: dict[str, Any] = {"partner_id": world.at["partner"]}
    account = {"called": "Hana", "roles": ["peer", "supervisor"]}
    role, asking = {"role": "peer", "words": "Asked to."}, "/partners/<uuid:partner_id>/askings/<uuid:asking_id>"
    closing = "/api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/closure"
    closed: dict[str, Any] = {**partner, "account_id": world.at["two_roles"]}
    return {
        "POST /api/v1/partners/<uuid:partner_id>/accounts": api("lead", account, keyed=True, **partner),
        "POST /api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles": api(
            "lead", role, gives_back=True, keyed=True, account_id=world.at["referrer"], **partner
        ),
        "DELETE /api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles/<role>": api(
            "lead", account_id=world.at["two_roles"], role="referrer", **partner
        ),
        f"POST /api/v1{asking}/confirmation": api("second", asking_id=world.at["asking"], **partner),
        f"POST /api/v1{asking}/refusal": api("second", asking_id=world.at["asking"], **partner),
        f"POST {asking}/confirmation": form("second", asking_id=world.at["asking"], **partner),
        f"POST {asking}/refusal": form("second", asking_id=world.at["asking"], **partner),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles": form(
            "lead", {"key": KEY, **role}, account_id=world.at["referrer"], **partner
        ),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles/<role>/end": form(
            "lead", account_id=world.at["two_roles"], role="referrer", **partner
        ),
        "POST /api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/handover": api(
            "lead", {"to_id": world.at["safeguarding"]}, account_id=world.at["referrer"], **partner
        ),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/handover": form(
            "lead", {"to_id": world.at["safeguarding"]}, account_id=world.at["referrer"], **partner
        ),
        "POST /partners/<uuid:partner_id>/accounts": form("lead", {"key": KEY, **account}, **partner),
        f"POST {closing}": api("lead", **closed),
        f"DELETE {closing}": api("lead", **closed),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/closure": form("lead", {"close": "yes"}, **closed),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/invitation": form("lead", **closed),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/reset": form(
            "lead", {"why": "They rang me."}, account_id=world.at["both"], **partner
        ),
        **_own_account(),
    }


def _own_account() -> dict[str, Good]:
    own, proof = "/partners/your-account", {"password": signing_in.PASSWORD, "code": signing_in.KEPT_CODE}
    changed = {"password": signing_in.PASSWORD, "new_password": "a cupboard full of marbles"}
    return {
        f"POST {own}/password": form("signs_in", changed),
        f"POST {own}/second-factor": form("both", proof),
        f"POST {own}/recovery-codes": form("both", proof),
        f"POST {own}/sessions": form("signs_in", {"session": "others", "password": signing_in.PASSWORD}),
    }


def goods_of_notices(world: World) -> dict[str, Good]:
    """How somebody is reached, and what did not arrive."""
    reach = {
        "email": "asha@example.org", "phone": "07700 900 123", "channel": "email", "quiet_from": "21",
        "quiet_until": "8", "is_discreet": "no",
    }  # fmt: skip
    settling = "/partners/notices/<uuid:notice_id>/settlement"
    return {
        "POST /partners/how-we-reach-you": form("asha", reach),
        f"POST {settling}": form("lead", {"how": "told_otherwise"}, notice_id=world.at["notice"]),
    }


def goods_of_systems(world: World) -> dict[str, Good]:
    """Registering a system, its keys, where it may come from, and its end."""
    of, page = "/api/v1/partners/<uuid:partner_id>/systems", "/partners/<uuid:partner_id>/systems"
    partner: dict[str, Any] = {"partner_id": world.at["partner"]}
    system: dict[str, Any] = {**partner, "system_id": world.at["system"]}
    signing: dict[str, Any] = {**partner, "system_id": world.at["signing_system"]}
    new = {"name": "Sending", "purpose": "Sends referrals.", "way": "api_key"}
    jwks = {"keys": [signing_in.ANOTHER_KEY]}
    one, fetching = "<uuid:system_id>", "/partners/<uuid:partner_id>/askings/<uuid:asking_id>/api-key"
    return {
        f"POST /api/v1{fetching}": api("lead", asking_id=world.at["key_asking"], **partner),
        f"POST {fetching}": form("lead", asking_id=world.at["key_asking"], **partner),
        f"POST {of}": api("lead", new, gives_back=True, keyed=True, **partner),
        f"POST {of}/{one}/keys": api("lead", {"jwks": jwks}, gives_back=True, keyed=True, **signing),
        f"POST {of}/{one}/api-keys": api("lead", {"days": 30}, keyed=True, **system),
        f"POST {of}/{one}/revocations": api("lead", {"key": world.at["system_key"]}, **system),
        f"PUT {of}/{one}/networks": api("lead", {"networks": ["192.0.2.0/24"]}, **system),
        f"POST {of}/{one}/closure": api("lead", **system),
        f"DELETE {of}/{one}/closure": api("lead", **system),
        f"POST {page}/new": form("lead", {"key": KEY, **new}, **partner),
        f"POST {page}/{one}/keys": form("lead", {"key": KEY, "jwks": json.dumps(jwks)}, **signing),
        f"POST {page}/{one}/api-keys": form("lead", {"key": KEY, "days": "30"}, **system),
        f"POST {page}/{one}/revocations": form("lead", {"name": world.at["system_key"]}, **system),
        f"POST {page}/{one}/networks": form("lead", {"networks": "192.0.2.0/24"}, **system),
        f"POST {page}/{one}/closure": form("lead", {"close": "yes"}, **system),
    }


def goods_of_sign_in(world: World) -> dict[str, Good]:
    """Coming in, by each way there is beside a provider; a browser shows its session by a cookie."""
    came = {"Sec-Fetch-Site": "same-origin", "Cookie": f"beenthere_session={signing_in.SESSION}"}
    asked = {"grant_type": "client_credentials", "client_secret": signing_in.API_KEY.text}
    # Whoever invites has an account, and what somebody who was invited has to sign in with is in signing_in.py.
    return {
        "POST /sign-in": form("nobody", {"email": signing_in.EMAIL, "password": signing_in.PASSWORD}),
        "POST /sign-in/code": form("nobody", {"token": signing_in.TRY, "code": signing_in.RECOVERY_CODE}),
        "POST /sign-in/factor": form("nobody", {"token": signing_in.SETTING_UP, "code": signing_in.code(world)}),
        "POST /sign-in/invitation/<token>": form(
            "nobody", {"password": "a cupboard full of marbles"}, token=signing_in.INVITATION
        ),
        "POST /l/<token>": form("nobody", {"word": signing_in.WORD}, token=signing_in.LINK),
        "POST /sign-in/demo": form("nobody", {"kind": "account", "id": world.people["asha"].who.id}),
        "POST /sign-in/stay": Good("nobody", {}, None, FORM, came),
        "POST /sign-out": Good("nobody", {}, None, FORM, came),
        "POST /oauth/token": Good("nobody", {}, asked, FORM),
    }
