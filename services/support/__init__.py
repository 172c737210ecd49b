"""What a person and their peer do together: support from the agreed end date to its ending.

Owns supports, the meetings a pair planned, contacts as moments and codes, and the connections a person wants in their
life (their words sealed). Hears matches agreed and let go, who the person and the peer are and who must not be told,
consent, protection, and a referral's close. Says support, meeting, contact and connection facts, and worries.
"""
