"""The front hall: the first page, the demo's people, everyone's own work list, timelines, events and services.

Owns nothing of the network's: what it keeps it heard. Hears every fact of every room. Says nothing, decides nothing.
"""
