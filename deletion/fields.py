"""One decision for each field that can name a person: where the copy shows it (Art. 15 GDPR), and what becomes of it (Art. 17)."""

from __future__ import annotations

from typing import NamedTuple

ERASED, EMPTIED, KEPT, COMPANY, STAFF, SUBSCRIBER = "erased", "emptied", "kept", "company", "staff", "subscriber"
AGREEMENT = "Art. 17(3)(b) and (e) GDPR"
LETTER = "§ 257(1) no. 2 and (4) HGB"
ACCOUNT = "Art. 5(2) GDPR"
ANSWER = "Art. 12(3) GDPR"
MAIL = "Art. 6(1)(b) GDPR"


class Decision(NamedTuple):
    """``section``: the part of the copy that shows the field, or why none does (with a space). ``fate``: what an erasure does.

    ``norm`` stands in the letter for whatever is kept; ``when`` is the field with the time of an act.
    """

    section: str
    fate: str
    norm: str = ""
    when: str = ""


def act(when: str) -> Decision:
    """The author of something of the company: shown with its time; the reference is emptied, the company's content stays."""
    return Decision("acts", EMPTIED, when=when)


OF_STAFF = Decision("says who of the provider's staff did it", STAFF)
OF_SUBSCRIBER = Decision("copied and erased on the request of the subscriber, who gives the identifier", SUBSCRIBER)
SECRET = Decision("a secret of the sign-in; that it is there is shown", ERASED)

DECISIONS: dict[str, Decision] = {
    "customers.user.email": Decision("login", ERASED),
    "customers.user.full_name": Decision("login", ERASED),
    "customers.user.function": Decision("login", ERASED),
    "customers.membership.user": Decision("roles", ERASED),
    "customers.user_groups.user": OF_STAFF,
    "customers.user_user_permissions.user": OF_STAFF,
    "customers.invitation.email": Decision("invitations", ERASED),
    "customers.invitation.invited_by": act("created_at"),
    "customers.invitation.accepted_by": act("accepted_at"),
    "customers.apitoken.name": Decision("tokens", ERASED),
    "customers.apitoken.created_by": Decision("tokens", ERASED),
    "customers.customer.legal_name": Decision("the company's own name, shown wherever the person acts for it", COMPANY),
    "customers.channel.name": Decision("the company's own", COMPANY),
    "customers.channel.address": Decision("the company's own", COMPANY),
    "customers.channel.created_by": act("created_at"),
    "customers.sealedletter.sealed": Decision("encrypted, gone when it is sent; the mail shows it", KEPT, MAIL),
    "account.emailaddress.user": Decision("addresses", ERASED),
    "account.emailaddress.email": Decision("addresses", ERASED),
    "mfa.authenticator.user": Decision("second_factors", ERASED),
    "mfa.authenticator.data": SECRET,
    "usersessions.usersession.user": Decision("sign_ins", ERASED),
    "usersessions.usersession.ip": Decision("sign_ins", ERASED),
    "usersessions.usersession.user_agent": Decision("sign_ins", ERASED),
    "usersessions.usersession.data": SECRET,
    "usersessions.usersession.session_key": SECRET,
    "sessions.session.session_key": SECRET,
    "sessions.session.session_data": SECRET,
    "admin.logentry.user": Decision("administration", ERASED),
    "admin.logentry.object_repr": Decision("administration", ERASED),
    "admin.logentry.change_message": Decision("administration", ERASED),
    "notifications.updatesubscription.email": Decision("updates", ERASED),
    "notifications.delivery.recipient": Decision("mails", ERASED),
    "notifications.delivery.context": Decision("mails", ERASED),
    "notifications.delivery.message_id": Decision("a random number of the mail", ERASED),
    "privacy_text.channeltext.saved_by": act("saved_at"),
    "privacy_text.channeltextdraft.user": Decision("drafts", ERASED),
    "privacy_text.channeltextdraft.fields": Decision("drafts", ERASED),
    "privacy_text.placement.reason": Decision("a code about the company's page", COMPANY),
    "dpa.acceptance.accepted_by": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.legal_name": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.address_lines": Decision("the company's address", COMPANY),
    "dpa.acceptanceparty.person_name": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.person_function": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.person_email": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.statement": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.ip_address": Decision("acceptances", KEPT, AGREEMENT),
    "dpa.acceptanceparty.user_agent": Decision("acceptances", KEPT, AGREEMENT),
    "evidence.personal.content": Decision("the same details as in acceptances, agreements on paper and cancellations", KEPT, AGREEMENT),
    "dpa.decline.declined_by": Decision("refusals", EMPTIED),
    "dpa.decline.reason": Decision("refusals", COMPANY),
    "dpa.delegation.email": Decision("forwarded_agreements", ERASED),
    "dpa.delegation.message": Decision("forwarded_agreements", ERASED),
    "dpa.delegation.created_by": act("created_at"),
    "dpa.paperagreement.signed_for_customer_by": Decision("paper_agreements", KEPT, AGREEMENT),
    "dpa.paperagreement.note": Decision("paper_agreements", KEPT, AGREEMENT),
    "dpa.paperagreement.imported_by": OF_STAFF,
    "subprocessors.notice.consented_by": act("consented_at"),
    "subprocessors.objection.raised_by": Decision("objections", EMPTIED),
    "subprocessors.objection.grounds": Decision("objections", COMPANY),
    "subprocessors.objection.answered_by": OF_STAFF,
    "subprocessors.objection.closed_by": OF_STAFF,
    "subprocessors.override.reason": OF_STAFF,
    "subprocessors.override.decided_by": OF_STAFF,
    "subprocessors.termsdeviation.note": Decision("the company's own terms", COMPANY),
    "subprocessors.termsdeviation.recorded_by": OF_STAFF,
    "subscriptions.subscription.identifier": OF_SUBSCRIBER,
    "subscriptions.subscription.cancelled_by": OF_STAFF,
    "subscriptions.activity.message": OF_SUBSCRIBER,
    "subscriptions.statisticsswitch.changed_by": act("changed_at"),
    "deletion.erasurerequest.requested_by": act("requested_at"),
    "deletion.erasurerequest.withdrawn_by": act("withdrawn_at"),
    "deletion.accountexport.requested_by": act("requested_at"),
    "deletion.erasurecontact.email": Decision("certificates", KEPT, ANSWER),
    "deletion.cancellation.name": Decision("cancellations", KEPT, LETTER),
    "deletion.cancellation.identification": Decision("cancellations", KEPT, LETTER),
    "deletion.cancellation.email": Decision("cancellations", KEPT, LETTER),
    "deletion.cancellation.reason": Decision("cancellations", KEPT, LETTER),
    "deletion.caseperson.name": Decision("requests", ERASED),
    "deletion.caseperson.email": Decision("requests", ERASED),
    "deletion.caseperson.identifier": Decision("requests", ERASED),
    "deletion.caseperson.message": Decision("requests", ERASED),
    "deletion.casefile.recorded_by": OF_STAFF,
    "deletion.casefile.assigned_to": OF_STAFF,
    "deletion.casefile.extended_by": OF_STAFF,
    "deletion.casefile.approved_by": OF_STAFF,
    "deletion.casefile.ended_by": OF_STAFF,
    "deletion.caseevent.by_name": OF_STAFF,
    "deletion.casenote.text": Decision("notes", KEPT, ACCOUNT),
    "deletion.casenote.by_name": OF_STAFF,
}
"""Whoever asked in a request that is not answered yet stays known until then (Art. 12(3) GDPR); the letter says so."""

NOBODY = (
    "auth.group",
    "auth.permission",
    "customers.provider",
    "deletion.handwork",
    "deletion.ledgercertificate",
    "deletion.legalhold",
    "deletion.retentionrule",
    "deletion.statuscall",
    "dpa.agreementdocument",
    "dpa.agreementtext",
    "dpa.agreementversion",
    "jobs.job",
    "notifications.broadcast",
    "privacy_text.operator",
    "privacy_text.passagesection",
    "privacy_text.sampletext",
    "privacy_text.sampletextpart",
    "subprocessors.announcedchange",
    "subprocessors.announcement",
    "subprocessors.subprocessor",
    "subprocessors.subprocessorlist",
    "toms.evidencefile",
    "toms.measure",
    "toms.measureset",
    "toms.review",
    "toms.weakening",
)
"""Models that name companies, the provider and its people, and nobody of a customer's."""
