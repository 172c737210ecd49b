"""People sent by partners: the referral from its first word to its end.

Owns the person's name, contact, consent and private link, and alone can open name and contact. Hears what becomes of a
person in matching and support. Says referral, consent, person, link and equity facts.
"""
