"""Opt-in texts and privacy-declaration passages per channel type."""
