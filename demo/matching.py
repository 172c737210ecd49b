"""How a match goes: an offer, peers who could, the person's choice, a taster, and what both say after it."""

from __future__ import annotations

from demo.story import Story

# The share of answers given on people's own pages; the rest is told to a coordinator.
_OWN_PAGES = 0.5
_PEER_COULD = 0.85


def ask_peers(one: Story) -> bool:
    """Offers one to three peers of the shortlist; false when nobody can be offered now."""
    found = one.coordinator.get(f"/api/v1/matches/shortlist/{one.referral_id}")
    cards, has_asked = (found["cards"], False) if found["cards"] else (found["ask_first"], True)
    if not cards:
        return False
    # Whoever has to get far in the days that are left is offered three, since places fill up meanwhile.
    count = 3 if one.must_get_on else one.draw.choices([1, 2, 3], [6, 3, 1])[0]
    peer_ids = [card["peer_id"] for card in cards[:count]]
    body = {"referral_id": one.referral_id, "peer_ids": peer_ids, "has_asked": has_asked}
    one.match_id = one.coordinator.post("/api/v1/matches", body)["match_id"]
    one.asked_peers = peer_ids
    return True


def hear_peers(one: Story) -> bool:
    """Each peer says whether they could; false when nobody could, and the person waits on."""
    one.could_peers = []
    for peer_id in one.asked_peers:
        if (one.must_get_on or one.happens(_PEER_COULD)) and _answer(one, peer_id, "could"):
            one.could_peers.append(peer_id)
        else:
            _answer(one, peer_id, "not_this_time")
    return bool(one.could_peers)


def _answer(one: Story, peer_id: str, said: str) -> bool:
    """One peer's answer; a peer whose places filled up since, or who is away, cannot say they could."""
    if one.happens(_OWN_PAGES):
        hand, at = one.cast.peers[peer_id].hand, f"/matching/offers/{one.match_id}/answer"
        return hand.attempt_form(at, {"answer": said})
    body = {"peer_id": peer_id, "side": "peer", "answer": said, "how": "by_phone"}
    return one.coordinator.attempt(f"/api/v1/matches/{one.match_id}/answers", body)


def choose(one: Story) -> bool:
    """The person chooses one of the peers who could and still can; false when there is none any more."""
    one.draw.shuffle(one.could_peers)
    return any(_choose(one, peer_id) for peer_id in one.could_peers)


def _choose(one: Story, peer_id: str) -> bool:
    one.peer_id = peer_id
    if one.happens(_OWN_PAGES):
        return one.person.attempt_form(f"/my/match/{one.match_id}/choice", {"peer_id": peer_id})
    body = {"peer_id": peer_id, "side": "person", "answer": "yes", "how": "told_coordinator"}
    return one.coordinator.attempt(f"/api/v1/matches/{one.match_id}/answers", body)


def meet_once(one: Story) -> bool:
    """The taster was held; false when the match was let go before."""
    if one.happens(_OWN_PAGES):
        return one.peer.hand.attempt_form(f"/matching/offers/{one.match_id}/taster", {})
    return one.coordinator.attempt(f"/api/v1/matches/{one.match_id}/taster", {"peer_id": one.peer_id})


def say_after_taster(one: Story, *, is_yes: bool) -> bool:
    """Both say whether they want to begin, the person without a reason; false when the match was let go before."""
    if is_yes and one.happens(_OWN_PAGES):
        peer_says = one.peer.hand.attempt_form(f"/matching/offers/{one.match_id}/agreement", {"answer": "yes"})
        return peer_says and one.person.attempt_form(f"/my/match/{one.match_id}/agreement", {})
    both = {"person_yes": is_yes, "peer_yes": True, "how": "by_phone"}
    return one.coordinator.attempt(f"/api/v1/matches/{one.match_id}/agreement", both)
