"""Who may come in: partner organisations, their agreements, and the accounts of their people.

Owns every partner, its data-sharing agreement, and every account with its roles; seals what each human being wants to
be called. Hears of private links, and of who has what in hand. Says partner, agreement and account facts; a suspension
is a brake in every room.
"""
