"""What services say to one another: frozen facts, the role table, and addresses.

Standard library only. A contract is added to, never edited: a new meaning is a new version beside the old one,
because facts already stated stay readable for good (decision 0001).
"""
