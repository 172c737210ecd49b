"""What the rooms say to one another as an AsyncAPI 3.0 document, made of the contracts."""

from __future__ import annotations

import json
from functools import lru_cache

from chassis.events.asyncapi import Network, document
from chassis.parts import PARTITIONS
from contracts.addresses import PURPOSES
from contracts.classes import OPENS
from contracts.fact import CATALOGUE
from contracts.hearers import HEARS
from contracts.kept import sample_bytes

_ABOUT = (
    "The rooms of this network do not call one another. Each states what happened, as facts on its own channel that "
    "are kept for good; others hear them. Ids and codes travel in clear; what is about a human being travels sealed."
)


@lru_cache
def asyncapi(topic_prefix: str) -> str:
    """The document as JSON, for topics whose names begin with the prefix."""
    network = Network(
        title="Been There: what the rooms say",
        description=_ABOUT,
        rooms=PURPOSES,
        facts=tuple(CATALOGUE.values()),
        hears=HEARS,
        opens=OPENS,
        sample=sample_bytes,
        partitions=PARTITIONS,
        topic_prefix=topic_prefix,
    )
    return json.dumps(document(network), indent=2, ensure_ascii=False)
