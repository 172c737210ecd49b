"""What a partner is asked before it refers its first person: the questions and the codes of their answers.

They are the critical questions of the network's seed text. No answer ranks a way of doing peer support above another.
"""

from __future__ import annotations

from collections.abc import Mapping

# The version of the questions; another question or another code makes another version.
VERSION = 1

PEER_ROLE: Mapping[str, str] = {
    "own_role": "Peer support is a role of its own",
    "any_role": "Peer support can be part of any role",
    "both": "Both",
}
EMPLOYERS: Mapping[str, str] = {
    "ourselves": "We do",
    "nhs_body": "An NHS body",
    "voluntary": "A voluntary organisation",
    "council": "A council",
    "nobody": "Nobody: all give their time unpaid",
}
SETTINGS: Mapping[str, str] = {
    "community": "In the community",
    "inpatient": "In hospital",
    "crisis": "In crisis services",
    "primary_care": "In primary care",
    "voluntary_setting": "In voluntary services",
    "recovery_college": "In a recovery college",
}
TRAINING: Mapping[str, str] = {
    "accredited": "Accredited training",
    "local": "Training of our own",
    "both": "Both",
    "none": "None yet",
}
CAREER_STEPS: Mapping[str, str] = {
    "none": "None yet",
    "one": "One step beyond the first post",
    "more": "More than one step",
}
SUPERVISION: Mapping[str, str] = {
    "line": "Line supervision",
    "peer_led": "Led by peers",
    "group": "In a group",
    "none": "None yet",
}
SUPERVISORS: Mapping[str, str] = {
    "all": "All of them",
    "some": "Some of them",
    "none": "None of them",
    "not_asked": "We have not asked",
}
STAFF_STANCE: Mapping[str, str] = {
    "open": "They may speak of it, and are supported",
    "private": "It is their own affair",
    "not_discussed": "We have not discussed it yet",
}
POST_KINDS: Mapping[str, str] = {"paid": "Paid", "unpaid": "Unpaid", "intern": "Intern"}
CONTRACTS: Mapping[str, str] = {
    "permanent": "Permanent",
    "fixed_term": "For a fixed term",
    "sessional": "By the session",
    "none": "None",
}
# In the order they are asked.
QUESTIONS = (
    "peer_role",
    "employer",
    "settings",
    "training",
    "training_hours",
    "career_steps",
    "supervision",
    "supervisors",
    "staff_stance",
    "posts",
)
