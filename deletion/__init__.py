"""Erase an account, prove it, survive a restored backup; support's desk for requests and cancellations."""
