"""How facts travel: stated with their change, carried in order, applied exactly next (docs/events.md)."""
