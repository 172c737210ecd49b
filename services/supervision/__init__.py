"""Supervision, who is cleared for new matches, and worries: so that peers are well held and no worry is left alone.

Owns which supervisor a peer has, when their next session is due, sessions, what new matches need (conduct, check,
training), and every worry with its owner and its clock. Hears accounts and partners, peers who join or take a break,
whom peers support, whose referral came in, who must not be told of them, and worries raised in any room. Says who is
cleared or held back, what became of sessions, and each worry's way; the words of a worry leave this room in no fact.
"""
