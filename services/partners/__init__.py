"""Who may come in: partner organisations, their agreements, and the accounts of their people.

Owns every partner, its data-sharing agreement, and every account with its roles; seals what each human being wants to
be called and where they are written to. Hears of private links, who has what in hand and what is to be sent; sends
it. Says partner, agreement, account and notice facts; a suspension is a brake in every room.
"""
