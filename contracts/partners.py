"""Facts the partners room states: who may come in, under which agreement, in which role."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from contracts import setup
from contracts.fact import Brake, CalledSealed, Code, fact
from contracts.roles import STAFF

KINDS = ("nhs_body", "voluntary")
# How a system shows who it is: by keys of its own that sign, or by a key it was given.
WAYS = ("signing_keys", "api_key")


@fact("partner.joined.v1", owner="partners")
class PartnerJoined:
    """An organisation joined the network."""

    partner_id: str
    code: str
    name: str
    kind: Annotated[str, Code(KINDS)]
    area: str
    joined_on: date


@fact("agreement.signed.v1", owner="partners")
class AgreementSigned:
    """A partner signed a data-sharing agreement for a span of days."""

    partner_id: str
    agreement_id: str
    starts_on: date
    ends_on: date


@fact("agreement.lapsed.v1", owner="partners", brake=Brake("agreement_lapsed", "partner_id"), urgent=True)
class AgreementLapsed:
    """From this day no agreement of a partner is in force: it sends nobody new, and what is under way goes on."""

    partner_id: str
    lapsed_on: date


@fact("agreement.began.v1", owner="partners", brake=Brake("agreement_lapsed", "partner_id", lifts=True))
class AgreementBegan:
    """An agreement of a partner that had none in force covers this day: it may send people again."""

    partner_id: str
    agreement_id: str
    began_on: date


@fact("account.opened.v1", owner="partners")
class AccountOpened:
    """A human being got an account with their first roles.

    The marks are keyed hashes of what staff may give of themselves (contracts/marks.py): they say whether a record
    somebody opens is one they are too near to, and nothing else.
    """

    account_id: str
    partner_id: str
    called: CalledSealed
    roles: tuple[str, ...]
    opened_at: datetime
    surname_mark: str | None = None
    postcode_mark: str | None = None
    whole_mark: str | None = None


@fact("account.disabled.v1", owner="partners", brake=Brake("account_disabled", "account_id"), urgent=True)
class AccountDisabled:
    """Somebody's account was closed, for now or for good: nothing they hold opens a door any more."""

    account_id: str
    disabled_at: datetime


@fact("account.restored.v1", owner="partners", brake=Brake("account_disabled", "account_id", lifts=True))
class AccountRestored:
    """A closed account may be used again."""

    account_id: str
    restored_at: datetime


@fact("role.granted.v1", owner="partners")
class RoleGranted:
    """Somebody got a further role, which one person asked for and another confirmed; `roles` are all they hold now."""

    account_id: str
    partner_id: str
    called: CalledSealed
    role: Annotated[str, Code(STAFF)]
    roles: tuple[str, ...]
    granted_at: datetime


@fact("role.ended.v1", owner="partners", brake=Brake("role_ended", "account_id"), urgent=True)
class RoleEnded:
    """Somebody holds a role no more, and no pass given before this moment is good; `roles` are those they keep."""

    account_id: str
    partner_id: str
    role: Annotated[str, Code(STAFF)]
    roles: tuple[str, ...]
    ended_at: datetime


@fact("items.handed_over.v1", owner="partners")
class ItemsHandedOver:
    """Everything somebody has in hand is another's from now on; whoever keeps clocks re-owns them."""

    from_id: str
    to_id: str
    partner_id: str
    handed_over_at: datetime


@fact("setup.asked.v1", owner="partners", brake=Brake("setup_unanswered", "partner_id"), urgent=True)
class SetupAsked:
    """A partner is asked the critical questions; it refers nobody before it has answered them once."""

    partner_id: str
    version: int
    asked_on: date


@fact("setup.answered.v1", owner="partners", brake=Brake("setup_unanswered", "partner_id", lifts=True))
class SetupAnswered:
    """A partner answered the critical questions, for the first time or anew: codes and numbers, no words."""

    partner_id: str
    version: int
    answered_on: date
    peer_role: Annotated[str, Code(tuple(setup.PEER_ROLE))]
    employer: Annotated[str, Code(tuple(setup.EMPLOYERS))]
    settings: Annotated[tuple[str, ...], Code(tuple(setup.SETTINGS))]
    training: Annotated[str, Code(tuple(setup.TRAINING))]
    training_hours: int
    career_steps: Annotated[str, Code(tuple(setup.CAREER_STEPS))]
    supervision: Annotated[tuple[str, ...], Code(tuple(setup.SUPERVISION))]
    supervisors: Annotated[str, Code(tuple(setup.SUPERVISORS))]
    staff_stance: Annotated[str, Code(tuple(setup.STAFF_STANCE))]
    post_kinds: Annotated[tuple[str, ...], Code(tuple(setup.POST_KINDS))]


@fact("conduct.published.v1", owner="partners")
class ConductPublished:
    """A version of the code of conduct was published; new matches need it accepted from the day it is in force."""

    conduct_id: str
    version: int
    published_on: date
    in_force_on: date


@fact("conduct.accepted.v1", owner="partners")
class ConductAccepted:
    """Somebody accepted a version of the code of conduct themselves."""

    account_id: str
    conduct_id: str
    version: int
    accepted_on: date


@fact("system.registered.v1", owner="partners", public=True)
class SystemRegistered:
    """A partner's own system may sign in from now on."""

    system_id: str
    partner_id: str
    way: Annotated[str, Code(WAYS)]
    registered_at: datetime


@fact("system.key_revoked.v1", owner="partners", brake=Brake("system_key_revoked", "system_id"), urgent=True)
class SystemKeyRevoked:
    """A key of a system is good no more, and no pass given before this moment either."""

    system_id: str
    revoked_at: datetime


@fact("system.disabled.v1", owner="partners", brake=Brake("account_disabled", "system_id"), urgent=True)
class SystemDisabled:
    """A system was closed, for now or for good: nothing it holds opens a door any more."""

    system_id: str
    disabled_at: datetime


@fact("system.restored.v1", owner="partners", brake=Brake("account_disabled", "system_id", lifts=True))
class SystemRestored:
    """A closed system may sign in again."""

    system_id: str
    restored_at: datetime


@fact("key.published.v1", owner="partners")
class KeyPublished:
    """A public key by which passes are checked from now to its end."""

    key_id: str
    public: str
    ends_at: datetime


@fact("partner.suspended.v1", owner="partners", brake=Brake("partner_suspended", "partner_id"), urgent=True)
class PartnerSuspended:
    """A partner may send and see nothing until it is resumed."""

    partner_id: str
    suspended_at: datetime


@fact("partner.resumed.v1", owner="partners", brake=Brake("partner_suspended", "partner_id", lifts=True))
class PartnerResumed:
    """A suspended partner may work again."""

    partner_id: str
    resumed_at: datetime


FACTS: tuple[type, ...] = (
    PartnerJoined,
    AgreementSigned,
    AgreementLapsed,
    AgreementBegan,
    AccountOpened,
    AccountDisabled,
    AccountRestored,
    RoleGranted,
    RoleEnded,
    ItemsHandedOver,
    SetupAsked,
    SetupAnswered,
    ConductPublished,
    ConductAccepted,
    SystemRegistered,
    SystemKeyRevoked,
    SystemDisabled,
    SystemRestored,
    KeyPublished,
    PartnerSuspended,
    PartnerResumed,
)
