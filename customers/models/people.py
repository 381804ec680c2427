"""The people who sign in: customers' people and the provider's staff."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.parties import CLOSED, LANGUAGES, Customer


class UserManager(BaseUserManager["User"]):
    """Create people by e-mail address, which is stored in lower case so that it is unique however it is typed."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def staff_who_may(self, permission: str) -> models.QuerySet[User]:
        """Return the active staff who hold the permission (``app.codename``) themselves or by a group, each once."""
        app, _dot, codename = permission.partition(".")
        own = Q(user_permissions__codename=codename, user_permissions__content_type__app_label=app)
        by_group = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
        return self.filter(own | by_group, is_staff=True, is_active=True).distinct()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    reference = models.UUIDField(_("reference"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=150)
    function = models.CharField(_("function"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, default="de")
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, verbose_name=_("company that the person works for now"), related_name="+", null=True, blank=True
    )
    left_at = models.DateTimeField(_("acts for no company since"), null=True, blank=True, editable=False)
    email_confirmed_at = models.DateTimeField(_("e-mail address confirmed"), null=True, blank=True, editable=False)
    agreement_valid_until = models.DateTimeField(_("agreement valid until"), db_default=CLOSED, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower(F("email")))),
            models.CheckConstraint(name="user_language_known", condition=Q(language__in=LANGUAGES)),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def companies(self) -> models.QuerySet[Customer]:
        """Return the companies that the person acts for, sorted by name."""
        return Customer.objects.filter(memberships__user=self).distinct().order_by("legal_name", "pk")

    def has_role(self, customer: Customer, *roles: str) -> bool:
        """Say whether the person holds one of the roles for the company."""
        return self.is_active and self.memberships.filter(customer=customer, role__in=roles).exists()

    def roles_for(self, customer: Customer) -> frozenset[str]:
        return frozenset(self.memberships.filter(customer=customer).values_list("role", flat=True))
