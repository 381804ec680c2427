"""How often one network address may send a public form; the address itself is not stored."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

MOST_PER_MINUTE = 5
SECONDS = 60


def is_too_often(request: HttpRequest, action: str) -> bool:
    """Count the attempt and say whether the address has used up its attempts of this minute."""
    address = get_adapter().get_client_ip(request)
    key = f"throttle:{action}:{salted_hmac('customers.throttling', address, algorithm='sha256').hexdigest()}"
    cache.add(key, 0, timeout=SECONDS)
    try:
        attempts = cache.incr(key)
    except ValueError:  # the minute ended between the two calls
        return False
    return attempts > MOST_PER_MINUTE
