"""Peers and the people who wait for one: shortlist, proposal, both yeses.

Owns what peers say of themselves (limits, lived experience, a break) and every match. Hears accepted referrals, consent
and protection, accounts and partners, who is cleared, and how supports begin and end. Says peer and match facts; a
lived-experience entry leaves this room in no fact, at no level.
"""
