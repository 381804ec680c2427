"""Rows about the provider, its customers and the people who act for them."""

from customers.models.access import ApiToken, Invitation, Membership, Role, Scope
from customers.models.channel_types import ChannelType
from customers.models.channels import Channel
from customers.models.ledger import LedgerErasure, SingleErasure
from customers.models.letters import SealedLetter
from customers.models.parties import CLOSED, LANGUAGES, Customer, Provider
from customers.models.people import User

__all__ = [
    "CLOSED",
    "LANGUAGES",
    "ApiToken",
    "Channel",
    "ChannelType",
    "Customer",
    "Invitation",
    "LedgerErasure",
    "Membership",
    "Provider",
    "Role",
    "Scope",
    "SealedLetter",
    "SingleErasure",
    "User",
]
