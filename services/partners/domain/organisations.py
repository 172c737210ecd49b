"""The rules of coming in: which organisations may join, and under which agreement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chassis.errors import Conflict, Fault, Invalid, NotAllowed

NHS_BODY, VOLUNTARY = "nhs_body", "voluntary"
ACTIVE, SUSPENDED = "active", "suspended"
STATES: Mapping[str, str] = {ACTIVE: "Active", SUSPENDED: "Suspended"}

# A code names the partner's own topics and files, so it keeps to what fits there.
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Organisation Data Service codes are 3 to 8 letters and digits (sources.md, ODS).
_ODS_CODE = re.compile(r"[A-Z0-9]{3,8}")


class PartnerRefused(Invalid):
    """The organisation or its agreement breaks one or more rules; each is a fault of its own."""

    says = "There is a problem with this partner."


class AgreementRefused(Invalid):
    """The days of an agreement cannot be right."""

    says = "There is a problem with this agreement."


class CodeTaken(Invalid):
    """Another partner has this code."""

    where = "code"
    says = "Another partner has this code. Choose another one."


class OdsCodeTaken(Invalid):
    """An ODS code names one organisation, and it is in the network already."""

    where = "ods_code"
    says = "A partner with this ODS code is in the network already. Check the code."


class PartnerSuspended(NotAllowed):
    """A suspended partner sends and sees nothing until it is resumed."""

    says = "This organisation is suspended from the network for now. Ask the network lead."


class AgreementEnded(Conflict):
    """The partner's data-sharing agreement has run out, so nobody new comes in under it."""

    says = "This partner's data-sharing agreement has ended. Sign a new one before anyone gets an account."


@dataclass(frozen=True)
class Partner:
    """Where one partner stands."""

    partner_id: str
    state: str
    agreement_ends_on: date
    # The first day of the agreement that counts; one without a first day began long ago.
    agreement_starts_on: date = date.min

    def is_covered(self, day: date) -> bool:
        """Whether its agreement is in force on a day; the first and the last day count."""
        return self.agreement_starts_on <= day <= self.agreement_ends_on


def check_joining(asked: Mapping[str, Any], *, today: date, longest_years: int) -> None:
    """Refuses an organisation that may not join as described, with every fault at once.

    `asked` holds code, kind, ods_code (None when there is none) and agreement with starts_on and ends_on.
    """
    faults = [
        *_code_faults(asked["code"]),
        *_ods_faults(asked["kind"], asked["ods_code"]),
        *_agreement_faults(asked["agreement"], today, longest_years, "agreement.ends_on"),
    ]
    if faults:
        raise PartnerRefused(faults=tuple(faults))


def check_agreement(agreement: Mapping[str, date], *, today: date, longest_years: int) -> None:
    """Refuses an agreement that cannot be in force; it may overlap others, or begin after them."""
    faults = _agreement_faults(agreement, today, longest_years, "ends_on")
    if faults:
        raise AgreementRefused(faults=tuple(faults))


def _code_faults(code: str) -> list[Fault]:
    if _CODE.fullmatch(code):
        return []
    return [Fault("code", "Use small letters, digits and single hyphens, and begin with a letter: north-trust.")]


def _ods_faults(kind: str, ods_code: str | None) -> list[Fault]:
    if ods_code is None:
        return [Fault("ods_code", "An NHS body has an ODS code. Enter it.")] if kind == NHS_BODY else []
    if _ODS_CODE.fullmatch(ods_code):
        return []
    return [Fault("ods_code", "An ODS code is 3 to 8 letters and digits, such as RX1AA.")]


def _agreement_faults(agreement: Mapping[str, date], today: date, longest_years: int, where: str) -> list[Fault]:
    starts_on, ends_on = agreement["starts_on"], agreement["ends_on"]
    if ends_on <= starts_on:
        return [Fault(where, "The agreement ends before it starts. Check both dates.")]
    if ends_on < today:
        return [Fault(where, "This agreement has ended already. Enter the one that is in force.")]
    if ends_on > _years_later(starts_on, longest_years):
        says = f"An agreement is looked at again after {longest_years} years at most. Enter an earlier end."
        return [Fault(where, says)]
    return []


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def check_may_look(partner: Partner, *, is_network: bool) -> None:
    """Refuses a suspended partner's own people; the network itself always sees its partners."""
    if partner.state == SUSPENDED and not is_network:
        raise PartnerSuspended()


def suspend(partner: Partner) -> Partner | None:
    """Gives the partner suspended; None when it is so already and nothing changes."""
    return None if partner.state == SUSPENDED else replace(partner, state=SUSPENDED)


def resume(partner: Partner) -> Partner | None:
    """Gives the partner at work again; None when it is so already and nothing changes."""
    return None if partner.state == ACTIVE else replace(partner, state=ACTIVE)
