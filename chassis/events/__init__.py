"""How facts travel: stated with their change, carried at least once in order per stream, applied exactly next (docs/events.md)."""
