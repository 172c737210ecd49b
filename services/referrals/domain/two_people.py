"""What takes two people in this room, and for which reasons it is asked."""

from __future__ import annotations

from collections.abc import Mapping

FORGETTING, HANDING_OUT = "forgetting", "handing_out"
# Codes and words; nothing is written about anybody. Of forgetting they are the grounds of Article 17 of the UK GDPR.
REASONS: Mapping[str, Mapping[str, str]] = {
    FORGETTING: {
        "asked_by_the_person": "The person asked to be forgotten",
        "no_longer_needed": "Nothing of theirs is needed any more",
        "sent_in_error": "They should never have been sent to us",
        "ordered_by_law": "The law or a court asks for it",
    },
    HANDING_OUT: {
        "asked_by_the_person": "The person asked who has seen their record",
        "looked_into": "A look or a worry is looked into, by our own procedure",
        "ordered_by_law": "The law or a court asks for it",
    },
}
