"""Input of the desk: filters of the queue, and one form for each act."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import User
from deletion import queue
from deletion.models import CaseFile, HandWork, LegalHold, Status
from publishing.references import read_reference

HASH = r"^[0-9a-fA-F]{64}$"
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class QueueForm(forms.Form):
    """Filters of the queue; they live in the address, and a value that is none filters nothing."""

    q = forms.CharField(label=_("Reference, company or person"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    due = forms.ChoiceField(label=_("Due"), required=False)
    assigned = forms.ChoiceField(label=_("Assigned to"), required=False)

    def __init__(self, *args: Any, staff: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("all"))]
        choices: dict[str, list[Any]] = {
            "kind": CaseFile.Kind.choices,
            "status": Status.choices,
            "due": list(queue.DUE.items()),
            "assigned": [("nobody", _("nobody")), *((str(person.pk), person.full_name) for person in staff)],
        }
        for name, options in choices.items():
            self.fields[name].choices = [*every, *options]  # type: ignore[attr-defined]  # a ChoiceField

    def filters(self, view: str) -> queue.Filters:
        self.is_valid()
        given = self.cleaned_data
        return queue.Filters(
            view=view,
            search=given.get("q", "").strip(),
            kind=given.get("kind", ""),
            status=given.get("status", ""),
            due=given.get("due", ""),
            assigned=given.get("assigned", ""),
        )


class AssignForm(forms.Form):
    """Whom the request is given to; nobody is an answer."""

    to = forms.ChoiceField(label=_("Assign to"), required=False)

    def __init__(self, *args: Any, staff: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.fields["to"].choices = [("", _("nobody")), *((pk, person.full_name) for pk, person in self.staff.items())]  # type: ignore[attr-defined]

    @property
    def person(self) -> User | None:
        return self.staff.get(self.cleaned_data["to"])


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        help_text=_("For colleagues alone. Name people only where it cannot be said otherwise."),
        max_length=4000,
        error_messages={"required": _("Enter the note")},
        widget=forms.Textarea({"rows": 3}),
    )


class DoubtForm(forms.Form):
    """Why identity is doubted; without a reason nothing more may be asked (Art. 12(6) GDPR)."""

    reason = forms.ChoiceField(
        label=_("Why do you doubt who asked?"),
        choices=[choice for choice in CaseFile.Doubt.choices if choice[0] != CaseFile.Doubt.MAILBOX],
        error_messages={"required": _("Choose why you doubt who asked")},
        widget=forms.RadioSelect,
    )


class ProofForm(forms.Form):
    proof = forms.ChoiceField(
        label=_("How was the identity proven?"),
        choices=CaseFile.Proof.choices,
        error_messages={"required": _("Choose how the identity was proven")},
        widget=forms.RadioSelect,
    )


class ProofForStartForm(ProofForm):
    """What support itself can have seen of an owner; a code that comes back proves the mailbox without anybody's word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = [choice for choice in CaseFile.AT_ONCE if choice != CaseFile.Proof.MAILBOX]
        self.fields["proof"].choices = [(choice.value, choice.label) for choice in seen]  # type: ignore[attr-defined]  # a ChoiceField


class RefusalForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why is the request rejected?"),
        choices=CaseFile.Refusal.choices,
        error_messages={"required": _("Choose why the request is rejected")},
        widget=forms.RadioSelect,
    )
    explanation = forms.CharField(
        label=_("Explanation for the person"),
        help_text=_("The reason is told to the person. Write what the person can understand and check."),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )


class ExtensionForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why does the answer take longer?"),
        choices=CaseFile.Extension.choices,
        error_messages={"required": _("Choose why the answer takes longer")},
        widget=forms.RadioSelect,
    )


class ReferenceForm(forms.Form):
    """The reference, typed: it protects against the wrong window."""

    reference = forms.CharField(
        max_length=40,
        error_messages={"required": _("Enter the reference of the request")},
        widget=forms.TextInput({**PLAIN, "class": "mono"}),
    )

    def __init__(self, *args: Any, case: CaseFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.fields["reference"].label = _("To approve, enter: %(reference)s") % {"reference": case.reference}

    def clean_reference(self) -> str:
        entered: str = self.cleaned_data["reference"]
        if read_reference(entered) != self.case.reference:
            raise forms.ValidationError(_("Enter the reference of this request exactly as it stands above the field"))
        return entered


class HandWorkForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("How were the data deleted?"),
        choices=HandWork.Reason.choices,
        error_messages={"required": _("Choose how the data were deleted")},
        widget=forms.RadioSelect,
    )
    proof = forms.RegexField(
        HASH,
        label=_("SHA-256 of the proof"),
        help_text=_("Of the record or the confirmation that is kept with the file."),
        error_messages={
            "required": _("Enter the SHA-256 of the proof"),
            "invalid": _("A SHA-256 has 64 characters from 0 to 9 and a to f"),
        },
        widget=forms.TextInput({**PLAIN, "class": "mono"}),
    )


class ReviewForm(forms.Form):
    """When a legal hold is to be reviewed; without its ground the deletion must not wait (Art. 17(1) GDPR)."""

    review_date = forms.DateField(
        label=_("To be reviewed on"),
        error_messages={"required": _("Enter the day of the review"), "invalid": _("Enter the day in the format 2027-01-31")},
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_review_date(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["review_date"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Enter a day that is not over yet"))
        return day


class HoldForm(ReviewForm):
    """A legal hold on everything of the company (Art. 17(3) GDPR)."""

    ground = forms.ChoiceField(
        label=_("Ground"), choices=LegalHold.Ground.choices, error_messages={"required": _("Choose the ground")}, widget=forms.RadioSelect
    )
    file_number = forms.CharField(
        label=_("File number"), max_length=80, error_messages={"required": _("Enter the file number")}, widget=forms.TextInput(PLAIN)
    )
    field_order = ("ground", "file_number", "review_date")
