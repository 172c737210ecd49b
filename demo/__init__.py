"""The made-up region: made-up people and partners, played through the public doors. Nothing here is real."""
