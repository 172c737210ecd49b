"""The first door, someone asks: how a request is read, who may enter, and how an answer or a refusal looks."""

from chassis.access import PUBLIC
from chassis.web.api import ApiBlueprint
from chassis.web.door import door, here

__all__ = ["PUBLIC", "ApiBlueprint", "door", "here"]
