"""The same command without the rest of the house, for an image that holds one room: `python -m` and this folder."""

from chassis.events.topology.command import topology

topology()
