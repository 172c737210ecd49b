"""People sent by partners: the referral from its first word to its end.

Owns the person's name, contact and consent, and alone can open them. Hears what becomes of a person in matching and
support. Says referral, consent, person and equity facts.
"""
