"""What looks at a cluster and changes it step by step; Kafka's own stands in chassis/events/bus/kafka/cluster.py."""

from __future__ import annotations

from typing import Protocol

from chassis.errors import Retry
from chassis.events.topology.differences import Step
from chassis.events.topology.shape import Shape


class ClusterAway(Retry):
    """The cluster does not answer whoever asks."""

    says = "Kafka does not answer there. Is the address right, and the name and password?"


class ClusterRefused(Retry):
    """The cluster answered, and would not do a step."""


class Cluster(Protocol):
    """One cluster, for whoever may look and change."""

    def look(self) -> Shape:
        """What of ours stands at the cluster now. Raises ClusterRefused for whoever may not look."""
        ...

    def do(self, step: Step, password: str = "") -> None:
        """Does one step; `password` is for a user that is made. Raises ClusterRefused, with the cluster's reason."""
        ...

    def set_password(self, user: str, password: str, rounds: int) -> None:
        """Gives a user a password, in place of the one it had. Raises ClusterRefused, with the cluster's reason."""
        ...

    def close(self) -> None:
        """Lets go of the cluster."""
        ...
