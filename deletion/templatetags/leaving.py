"""What the account's page has to know of a company that leaves."""

from __future__ import annotations

from django import template

from customers.models import Customer
from deletion.models import ErasureRequest

register = template.Library()


@register.simple_tag
def open_erasure(customer: Customer) -> ErasureRequest | None:
    """Return the company's deletion request that is to be carried out, if there is one."""
    return ErasureRequest.objects.filter(customer=customer).open().first()
