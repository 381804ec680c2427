"""What the portal can do with companies, people, their roles and their tokens."""

from customers.services.companies import CompanyDetails, change_company, load_sample_provider
from customers.services.invitations import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    MailAskedTooOften,
    WrongAddress,
    accept_invitation,
    invitation_of,
    invite,
    register_invited,
    resend_invitation,
    withdraw_invitation,
)
from customers.services.members import LastOwner, NotAMember, remove_person, set_roles, switch_customer
from customers.services.registration import EmailTaken, PersonDetails, register
from customers.services.staff import create_staff_groups
from customers.services.tokens import issue_token, revoke_token

__all__ = [
    "AlreadyInvited",
    "AlreadyMember",
    "CompanyDetails",
    "EmailTaken",
    "InvitationOver",
    "LastOwner",
    "MailAskedTooOften",
    "NotAMember",
    "PersonDetails",
    "WrongAddress",
    "accept_invitation",
    "change_company",
    "create_staff_groups",
    "invitation_of",
    "invite",
    "issue_token",
    "load_sample_provider",
    "register",
    "register_invited",
    "remove_person",
    "resend_invitation",
    "revoke_token",
    "set_roles",
    "switch_customer",
    "withdraw_invitation",
]
