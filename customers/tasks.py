"""Work of this app that runs outside a request."""

from __future__ import annotations

from customers import letters
from jobs.registry import job


@job("customers.send_invitation", transactional=False)
def send_invitation(subject: str) -> None:
    """Send the invitation with this number."""
    letters.send_invitation(int(subject))
