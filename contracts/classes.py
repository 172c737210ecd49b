"""Which room may open which class of sealed text; the key store refuses all else."""

from __future__ import annotations

EVERY_ROOM = frozenset({"home", "partners", "referrals", "matching", "support", "supervision", "reporting"})

# class: rooms that may read it. `called` greets a human being on any screen; `needs` is what matching works from;
# `reporting` links a person to a random reporting id and opens in reporting alone (design: equity codes).
OPENS: dict[str, frozenset[str]] = {
    "called": EVERY_ROOM,
    "contact": frozenset({"referrals"}),
    "needs": frozenset({"referrals", "matching"}),
    # every room that shows a person leaves them out for whoever must not be told of them
    "safety": frozenset({"home", "referrals", "matching", "support", "supervision"}),
    "notes": frozenset({"referrals"}),
    "support_notes": frozenset({"support"}),
    "worry": frozenset({"referrals", "matching", "support", "supervision"}),
    "experience": frozenset({"matching"}),
    "raw": frozenset({"referrals"}),
    # the private half of what partners encrypt to: nobody's text, and kept as such text is
    "partner_key": frozenset({"referrals"}),
    # the key of marks (contracts/marks.py): nothing is sealed by it, two rooms make marks with it
    "marks": frozenset({"referrals", "partners"}),
    # another such key, for what a person is found by
    "search": frozenset({"referrals"}),
    "reporting": frozenset({"reporting"}),
    # the mark of the word a private link asks for
    "link_word": frozenset({"partners"}),
    # where staff and peers are written to, the secret of their second factor, and the private keys of passes
    "staff_contact": frozenset({"partners"}),
    "second_factor": frozenset({"partners"}),
    "pass_key": frozenset({"partners"}),
}

# class: rooms that may seal text of it (and so make its key).
SEALS: dict[str, frozenset[str]] = {
    "called": frozenset({"referrals", "partners"}),
    "contact": frozenset({"referrals"}),
    "needs": frozenset({"referrals"}),
    "safety": frozenset({"referrals"}),
    "notes": frozenset({"referrals"}),
    "support_notes": frozenset({"support"}),
    "worry": frozenset({"referrals", "matching", "support", "supervision"}),
    "experience": frozenset({"matching"}),
    "raw": frozenset({"referrals"}),
    "partner_key": frozenset({"referrals"}),
    "marks": frozenset({"referrals", "partners"}),
    "search": frozenset({"referrals"}),
    "reporting": frozenset({"referrals"}),
    "link_word": frozenset({"referrals"}),
    "staff_contact": frozenset({"partners"}),
    "second_factor": frozenset({"partners"}),
    "pass_key": frozenset({"partners"}),
}
