"""Tell people and systems: one delivery row per recipient."""
