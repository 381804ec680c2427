"""What is written to whom when somebody leaves; each mail is made in the transaction of what it tells."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from customers.models import Provider, Role
from deletion import ending
from deletion.models import Cancellation, ErasureCertificate, ErasureContact, ErasureRequest, SubprocessorNotice
from deletion.retention import rule_of
from notifications.links import absolute
from notifications.models import Delivery
from notifications.services import tell
from subprocessors.models import Subprocessor, SubprocessorList

PROVIDERS_LANGUAGE = "de"
SUBPROCESSORS_LANGUAGE = "en"
CONFIRM_WITHIN = datetime.timedelta(days=14)
TO_SUBPROCESSOR = "deletion_for_subprocessor"
SIGNER = Signer(salt="deletion.progress")


def tell_owners(request: ErasureRequest, kind: str, **more: int) -> None:
    """Write to every owner in her own language, so that none can delete the account behind another's back."""
    assert request.customer is not None  # the company still exists while requests are made and withdrawn
    for owner in request.customer.people_with(Role.OWNER):
        with override(owner.language):
            context: dict[str, str | int | list[str]] = {
                "company": request.customer.legal_name,
                "reference": request.reference,
                "last_day": as_day(request.last_day_to_withdraw),
                "due_date": as_day(request.due_date),
                "action_url": absolute(reverse("account_delete_status", args=[request.reference])),
                "action_label": gettext("See the deletion request"),
                **more,
            }
        tell(to=owner.email, kind=kind, language=owner.language, context=context, key=f"{kind}:{request.reference}:{owner.pk}")


def tell_contacts(request: ErasureRequest, kind: str) -> None:
    """Write to those who owned the account; the mail names the reference alone, since the company is being forgotten."""
    for contact in request.contacts.all():
        with override(contact.language):
            context = {
                "reference": request.reference,
                "action_url": absolute(progress_path(request)),
                "action_label": gettext("See how far the deletion is"),
            }
        tell(to=contact.email, kind=kind, language=contact.language, context=context, key=f"{kind}:{request.reference}:{contact.pk}")


def send_certificate(certificate: ErasureCertificate) -> None:
    """Send the certificate unasked to those who owned the account, with the address at which anybody can check it."""
    for contact in certificate.request.contacts.all():
        with override(contact.language):
            label, name = gettext("Check the certificate"), gettext("certificate_%(reference)s.pdf")
        send_paper(certificate, contact, {"action_label": label}, name)


def send_repeated(supplement: ErasureCertificate) -> None:
    """Send the supplement about an erasure that was repeated after a backup had come back, to those who owned the account."""
    assert supplement.supplements is not None
    for contact in supplement.request.contacts.all():
        with override(contact.language):
            label, name = gettext("Check the supplement"), gettext("supplement_%(reference)s.pdf")
        send_paper(supplement, contact, {"action_label": label, "repeated_after": supplement.supplements.reference}, name)


def send_supplement(supplement: ErasureCertificate, *, at: datetime.datetime) -> int:
    """Send what a subprocessor confirmed after the certificate to whoever got that one; return to how many.

    An address whose period is over is not used any more, also where the daily job has yet to delete it.
    """
    assert supplement.supplements is not None
    request = supplement.request
    last_day = rule_of("deletion.erasurecontact").ends(request.finished_at) if request.finished_at else None
    contacts = request.contacts.all() if last_day is None or last_day >= timezone.localdate(at) else request.contacts.none()
    for contact in contacts:
        with override(contact.language):
            label, name = gettext("Check the supplement"), gettext("supplement_%(reference)s.pdf")
        send_paper(supplement, contact, {"action_label": label, "confirmed_after": supplement.supplements.reference}, name)
    return len(contacts)


def send_paper(paper: ErasureCertificate, contact: ErasureContact, context: dict[str, str], name: str) -> None:
    """Send a certificate or a supplement; the mail names references alone, and is deleted with the contact."""
    more = {
        "reference": paper.request.reference,
        "certificate": paper.reference,
        "action_url": absolute(reverse("verify_reference", args=[paper.reference])),
    }
    tell(
        to=contact.email,
        kind="deletion_completed",
        language=contact.language,
        context={**more, **context},
        key=f"deletion_completed:{paper.reference}:{contact.pk}",
        attachments=[(paper.pdf_sha256, name % {"reference": paper.reference})],
    )


def progress_path(request: ErasureRequest) -> str:
    """Return the address of the progress page: it needs no login, since nobody can sign in any more; its signature is the key."""
    return reverse("deletion_progress", args=[request.reference, signature_of(request.reference)])


def signature_of(reference: str) -> str:
    return SIGNER.signature(reference)


def is_signature(reference: str, signature: str) -> bool:
    """Say whether the signature is one that the portal gave for the reference, with its key of today or an older one."""
    try:
        return SIGNER.unsign(f"{reference}:{signature}") == reference
    except BadSignature:
        return False


def tell_subprocessors(request: ErasureRequest, *, at: datetime.datetime) -> None:
    """Have every subprocessor of the register in force delete the account's data and confirm it (Art. 28(4) GDPR).

    It counts as told when its mail went out; ``note_deliveries`` writes that down.
    """
    register = SubprocessorList.objects.current()
    entries = register.entries.filter(kind=Subprocessor.Kind.SUBPROCESSOR) if register else Subprocessor.objects.none()
    for entry in entries:
        address = entry.contact if is_address(entry.contact) else ""
        notice, is_new = SubprocessorNotice.objects.get_or_create(
            request=request,
            slug=entry.slug,
            defaults={
                "subprocessor": entry.legal_name,
                "confirm_by_date": timezone.localdate(at) + CONFIRM_WITHIN,
            },
        )
        if is_new and address:
            tell_subprocessor(notice, address)


def tell_subprocessor(notice: SubprocessorNotice, address: str) -> None:
    """Write in English, as to everybody in the register, also where the deletion began under another language."""
    with override(SUBPROCESSORS_LANGUAGE):
        context: dict[str, str | int | list[str]] = {
            "reference": notice.request.reference,
            "account": str(notice.request.customer_reference),
            "confirm_by": as_day(notice.confirm_by_date),
            "may_be_answered": 1,
        }
    tell(to=address, kind=TO_SUBPROCESSOR, language=SUBPROCESSORS_LANGUAGE, context=context, key=key_to(notice))


def key_to(notice: SubprocessorNotice) -> str:
    return f"{TO_SUBPROCESSOR}:{notice.request.reference}:{notice.slug}"


def mail_to(notice: SubprocessorNotice) -> Delivery | None:
    """Return the mail that tells the subprocessor; None where the register has no mailbox for it."""
    return Delivery.objects.filter(key=key_to(notice)).first()


def note_deliveries(request: ErasureRequest) -> None:
    """Take from the mails when each subprocessor was told: when its mail went out, and not at all where it failed or came back.

    What a person told it on another way stays as it was noted.
    """
    for notice in request.notices.filter(confirmed_at=None):
        mail = mail_to(notice)
        if mail is None or notice.told_at not in (None, mail.sent_at):
            continue
        told_at = mail.sent_at if mail.state == Delivery.State.SENT else None
        if told_at != notice.told_at:
            SubprocessorNotice.objects.filter(pk=notice.pk, told_at=notice.told_at, confirmed_at=None).update(told_at=told_at)


def is_unreached(notice: SubprocessorNotice) -> bool:
    """Say whether the subprocessor's mail failed or came back and nobody has told it on another way."""
    mail = mail_to(notice) if notice.told_at is None else None
    return mail is not None and mail.state in (Delivery.State.FAILED, Delivery.State.BOUNCED)


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def tell_provider_of_request(request: ErasureRequest, *, decided_anew: str = "") -> None:
    """Write to the provider's mailbox; the mail names the reference alone, the portal knows the rest.

    ``decided_anew`` is the reference of a file that waits for a decision again after a withdrawal.
    """
    with override(PROVIDERS_LANGUAGE):
        context = {"reference": request.reference, "state": request.state, "due_date": as_day(request.due_date)}
        context["action_url"] = absolute(reverse("desk_request", args=[decided_anew or request.reference]))
        context["decided_anew"] = decided_anew
        context["action_label"] = gettext("Open the request")
    tell_provider("deletion_for_staff", context, key=f"deletion_for_staff:{request.reference}:{request.state}:{request.slices}")


def tell_provider_of_cancellation(cancellation: Cancellation) -> None:
    with override(PROVIDERS_LANGUAGE):
        context = {"reference": cancellation.reference, "received": as_minute(cancellation.received_at)}
        context["action_url"] = absolute(reverse("desk_cancellation", args=[cancellation.reference]))
        context["action_label"] = gettext("See the cancellation")
    tell_provider("cancellation_for_staff", context, key=f"cancellation_for_staff:{cancellation.reference}")


def tell_provider(kind: str, context: dict[str, str], key: str) -> None:
    provider = Provider.objects.first()
    if provider is not None:
        tell(to=provider.email, kind=kind, language=PROVIDERS_LANGUAGE, context=context, key=key)


def confirm(cancellation: Cancellation) -> None:
    """Send content, date and time of receipt and the wanted end to the address that was given (§ 312k(4) BGB)."""
    found = ending.of(cancellation)
    with override(cancellation.language):
        context: dict[str, str | int | list[str]] = {
            "reference": cancellation.reference,
            "kind": cancellation.get_kind_display(),
            "reason": cancellation.reason,
            "name": cancellation.name,
            "identification": cancellation.identification,
            "ends": ends_in_words(cancellation),
            "received": as_minute(cancellation.received_at),
            "contract_ends": as_day(found.contract),
            "retrieval_ends": as_day(found.retrieval),
            "what_follows": list(ending.in_words(cancellation)),
            "may_be_answered": 1,
        }
    key = f"cancellation_received:{cancellation.reference}"
    tell(to=cancellation.email, kind="cancellation_received", language=cancellation.language, context=context, key=key)


def ends_in_words(cancellation: Cancellation) -> str:
    return as_day(cancellation.ends_date) if cancellation.ends_date else gettext("as soon as possible")


def as_day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")


def as_minute(at: datetime.datetime) -> str:
    """Return date and time as people read them, in the portal's time zone."""
    local = timezone.localtime(at)
    return gettext("%(day)s, %(time)s") % {"day": as_day(local.date()), "time": date_format(local, "TIME_FORMAT")}
