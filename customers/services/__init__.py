"""What the portal can do with companies, people, their roles, their tokens and their channels."""

from customers.services.channels import (
    AgreementMissing,
    ChannelDetails,
    ChannelRemoved,
    NameTaken,
    activate_channel,
    change_channel,
    create_channel,
    deactivate_channel,
    remove_channel,
)
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
from customers.services.letters import post
from customers.services.members import LastOwner, NotAMember, remove_person, set_roles, switch_customer
from customers.services.registration import EmailTaken, PersonDetails, note_confirmed_address, register
from customers.services.staff import create_staff_groups
from customers.services.tokens import issue_token, revoke_token

__all__ = [
    "AgreementMissing",
    "AlreadyInvited",
    "AlreadyMember",
    "ChannelDetails",
    "ChannelRemoved",
    "CompanyDetails",
    "EmailTaken",
    "InvitationOver",
    "LastOwner",
    "MailAskedTooOften",
    "NameTaken",
    "NotAMember",
    "PersonDetails",
    "WrongAddress",
    "accept_invitation",
    "activate_channel",
    "change_channel",
    "change_company",
    "create_channel",
    "create_staff_groups",
    "deactivate_channel",
    "invitation_of",
    "invite",
    "issue_token",
    "load_sample_provider",
    "note_confirmed_address",
    "post",
    "register",
    "register_invited",
    "remove_channel",
    "remove_person",
    "resend_invitation",
    "revoke_token",
    "set_roles",
    "switch_customer",
    "withdraw_invitation",
]
