"""The audit trail as a chain: sealed in order, its head signed and kept elsewhere, and looked through row by row."""
