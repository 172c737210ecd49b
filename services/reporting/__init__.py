"""Figures for commissioners: what the network achieves, by period and area, and never about one person.

Owns the rows that are counted, the periods and their published reports. Hears the facts of every other room and keeps
of each a day and codes, under ids that name nobody. Says when a period opened and when its report was published. No
number leaves before the one disclosure step has hidden or rounded it (domain/disclosure.py).
"""
