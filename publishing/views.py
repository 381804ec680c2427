"""The publishing wizard: difference, classification and date, check and approval; and the history with comparison and restoring.

One for every register; ``publishing/pages.py`` tells how a register uses it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from publishing.models import PublishedVersion, State
from publishing.pages import Register, difference_page, reading_language

Version = TypeVar("Version", bound=PublishedVersion)
View = Callable[..., HttpResponse]
Guard = Callable[[str], Callable[[Any], View]]


class Wizard(Generic[Version]):
    """The pages of one register; ``guard`` lets people with a permission in (``customers.access.staff_page``)."""

    def __init__(self, register: Register[Version], guard: Guard) -> None:
        self.register, self.guard = register, guard

    def paths(self, prefix: str) -> list[URLPattern]:
        """Return the wizard's addresses below the prefix, such as ``manage/toms/``."""
        look, edit, approval = (self.guard(name) for name in (self.register.look, self.register.edit, self.register.approval))
        pages: list[tuple[str, str, View]] = [
            ("versions/", "versions", look(require_safe(self.versions))),
            ("compare/", "compare", look(require_safe(self.compare))),
            ("versions/<int:pk>/restore/", "restore", edit(self.restore)),
            ("<int:pk>/publish/", "publish", look(require_safe(self.review))),
            ("<int:pk>/publish/plan/", "plan", edit(self.plan)),
            ("<int:pk>/publish/check/", "check", look(require_safe(self.check))),
            ("<int:pk>/publish/test-mail/", "test_mail", look(require_POST(self.test_mail))),
            ("<int:pk>/publish/approve/", "approve", approval(require_POST(self.approve))),
            ("<int:pk>/publish/withdraw/", "withdraw", look(require_POST(self.withdraw))),
            ("<int:pk>/publish/again/", "documents_again", look(require_POST(self.documents_again))),
        ]
        return [path(prefix + address, view, name=f"{self.register.name}_{name}") for address, name, view in pages]

    # --- the three steps ---------------------------------------------------------------------------------------------

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Step 1: what differs from the current version, in both languages, and what stands in the way."""
        version = self.found(pk)
        current = self.register.current()
        context = self.context(request, version) | self.differences(request, current if current != version else None, version)
        return TemplateResponse(
            request, "publishing/review.html", context | {"step": 1, "also_concerned": self.register.also_concerned(version)}
        )

    def plan(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Step 2: classify the change, date it, and say in both languages what changes."""
        version, today = self.found(pk), timezone.localdate()
        if version.state != State.DRAFT:
            return redirect(self.register.address("check", version))
        given = request.POST if request.method == "POST" else None
        usual = self.register.usual_date(version, today)
        form = self.register.form(given, version=version, usual_date=usual, today=today)
        if form.is_valid():
            refusal = self.refused(lambda now: self.register.plan(version=version, form=form, by=request.user, at=now))
            if refusal is None:
                messages.success(request, _("The classification is saved. Those who may approve were told."))
                return redirect(self.register.address("check", version))
            form.add_error(None, refusal)
        context = self.context(request, version) | {"step": 2, "form": form, "usual_date": usual}
        return TemplateResponse(request, "publishing/plan.html", context, status=422 if form.errors else 200)

    def check(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Step 3: who is told what from when; the second person approves here."""
        version = self.found(pk)
        register = self.register
        context = self.context(request, version) | {
            "step": 3,
            "recipients": register.recipients(version),
            "mails": [(code, mail) for code, _name in settings.LANGUAGES if (mail := register.mail(version, code))],
            "documents": register.documents(version) if version.state != State.DRAFT else [],
            "warnings": register.warnings(version),
            "notes": register.notes(version),
            "public_address": register.public_address(version) if version.is_frozen else "",
            **self.standing(version),
            "has_classification": bool(version.effective_date and version.change_note_de and version.change_note_en),
        }
        return TemplateResponse(request, "publishing/check.html", context)

    def standing(self, version: Version) -> dict[str, Any]:
        """Return what an approved version waits for: its day, its PDFs, or what stands in the way."""
        is_planned = version.effective_date is not None and version.effective_date > timezone.localdate()
        is_approved = version.state == State.APPROVED
        return {
            "is_planned": is_planned,
            "documents_failed": is_approved and self.register.documents_failed(version),
            "obstacles": self.register.obstacles(version) if is_approved and not is_planned else [],
        }

    # --- acts --------------------------------------------------------------------------------------------------------

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = _("Approved. The version is published as soon as its PDFs are made and its day has come.")
        return self.act(request, pk, lambda version, now: self.register.approve(version=version, by=request.user, at=now), done)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take an approval back; whoever may write or approve may do so."""
        self.require_hand_in_it(request)
        reopen = self.register.reopen
        return self.act(
            request, pk, lambda version, now: reopen(version=version, by=request.user, at=now), _("The version is a draft again.")
        )

    def documents_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.require_hand_in_it(request)
        return self.act(
            request, pk, lambda version, _now: self.register.make_documents_again(version=version), _("The PDFs are being made again.")
        )

    def test_mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        send = self.register.send_test
        done = _("The test mail is on its way to you.")
        return self.act(request, pk, lambda version, now: send(version=version, by=request.user, at=now), done)

    def require_hand_in_it(self, request: HttpRequest) -> None:
        user: Any = request.user
        if not (user.has_perm(self.register.edit) or user.has_perm(self.register.approval)):
            raise PermissionDenied

    def act(self, request: HttpRequest, pk: int, step: Callable[[Version, datetime.datetime], object], done: str) -> HttpResponse:
        """Run one step and say in words how it went."""
        version = self.found(pk)
        refusal = self.refused(lambda now: step(version, now))
        if refusal is None:
            messages.success(request, done)
        else:
            messages.error(request, refusal)
        return redirect(self.register.address("check", version))

    def refused(self, step: Callable[[datetime.datetime], object]) -> str | None:
        """Return the sentence of the refusal, or None when the step was done; what is no refusal goes on up."""
        return next(iter(self.register.refusals_of(lambda: step(timezone.now()))), None)

    # --- history -----------------------------------------------------------------------------------------------------

    def versions(self, request: HttpRequest) -> HttpResponse:
        """Every version, newest first: from when, by whom, of which kind, what changed."""
        listed = self.register.versions()
        context = self.context(request, None) | {
            "in_preparation": listed.filter(state__in=[State.DRAFT, State.APPROVED]).order_by("-created_at"),
            "published": listed.filter(state__in=[State.PUBLISHED, State.SUPERSEDED]).order_by("-published_at"),
        }
        return TemplateResponse(request, "publishing/manage_versions.html", context)

    def compare(self, request: HttpRequest) -> HttpResponse:
        """Any two versions, drafts too, chosen by their rows."""
        listed = list(self.register.versions().order_by("-created_at"))
        rows = {str(version.pk): version for version in listed}
        new = rows.get(request.GET.get("to", "")) or next(iter(listed), None)
        old = rows.get(request.GET.get("from", "")) or self.register.current()
        context = self.context(request, None) | {"listed": listed, "old": old, "new": new, "by_row": True}
        context["query"] = f"from={old.pk if old else ''}&to={new.pk if new else ''}&"
        if new is not None and old is not None:
            context |= self.differences(request, old, new)
        return TemplateResponse(request, "publishing/manage_compare.html", context)

    def restore(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then make a new draft from an old version; what was published stays as it is."""
        version = self.found(pk)
        if not version.is_frozen:
            raise Http404
        if request.method == "POST":
            draft = self.register.restore(version=version, by=request.user, at=timezone.now())
            messages.success(request, _("A new draft was made from version %(number)s.") % {"number": version.number})
            return redirect(self.register.address("version", draft))
        return TemplateResponse(request, "publishing/restore.html", self.context(request, version))

    # --- what all pages share ----------------------------------------------------------------------------------------

    def found(self, pk: int) -> Version:
        return get_object_or_404(self.register.versions(), pk=pk)

    def differences(self, request: HttpRequest, old: Version | None, new: Version) -> dict[str, Any]:
        asked = request.GET.get("language"), request.GET.get("view")
        return difference_page(self.register, old, new, language=asked[0], view=asked[1], reading=reading_language())

    def context(self, request: HttpRequest, version: Version | None) -> dict[str, Any]:
        user: Any = request.user
        current = self.register.current()
        context: dict[str, Any] = {
            "section": "manage",
            "register": self.register,
            "current": current,
            "may_edit": user.has_perm(self.register.edit),
            "may_approve": user.has_perm(self.register.approval),
            "home": self.register.address(""),
            "pages": {name: self.register.address(name) for name in ("versions", "compare")},
        }
        if version is not None:
            steps = ("version", "publish", "plan", "check", "approve", "withdraw", "test_mail", "documents_again", "restore")
            context |= {
                "version": version,
                "coming_number": version.number or version.next_number(current),
                "is_author": version.is_authored_by(user),
                "lacks": self.register.lacks(version) if version.state == State.DRAFT else [],
                "addresses": {name: self.register.address(name, version) for name in steps},
            }
        return context
