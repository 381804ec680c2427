"""The parties and their people in the admin: no secrets, no gate to open by hand, no acting as somebody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.admin_site import protect_admin
from customers.countries import country_choices
from customers.models import ApiToken, Channel, ChannelType, Customer, Invitation, Membership, Provider, User

protect_admin(admin.site)  # here, since the admin imports this file before its addresses are made


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows end through services that leave evidence, never by a click on delete."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Rows that services alone write."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    country = forms.ChoiceField(label=_("country"), choices=country_choices)
    storage_country = forms.ChoiceField(label=_("country where data is stored"), choices=country_choices)
    languages = forms.MultipleChoiceField(
        label=_("languages"), choices=[("de", "Deutsch"), ("en", "English")], widget=forms.CheckboxSelectMultiple
    )
    help_url_de = forms.URLField(label=_("help page, German"), required=False, assume_scheme="https")
    help_url_en = forms.URLField(label=_("help page, English"), required=False, assume_scheme="https")
    accent_colour = forms.CharField(label=_("accent colour"), max_length=7, widget=forms.TextInput({"type": "color"}))

    class Meta:
        model = Provider
        fields = (
            "legal_name",
            "street",
            "postcode",
            "city",
            "country",
            "register_number",
            "service_name",
            "email",
            "phone",
            "dpo_name",
            "dpo_email",
            "signatory_name",
            "signatory_function_de",
            "signatory_function_en",
            "languages",
            "storage_country",
            "help_url_de",
            "help_url_en",
            "accent_colour",
            "is_sample",
            "last_verified_at",
        )


@admin.register(Provider)
class ProviderAdmin(KeptAdmin):
    form = ProviderForm
    list_display = ("legal_name", "service_name", "is_sample", "last_verified_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Provider.objects.exists()


@admin.register(Customer)
class CustomerAdmin(KeptAdmin):
    list_display = ("legal_name", "city", "country", "acts_as", "agreement_valid_until", "created_at", "closed_at")
    list_filter = ("acts_as", "country")
    search_fields = ("legal_name", "reference")
    readonly_fields = ("reference", "agreement_valid_until", "created_at", "closed_at")
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False


@admin.register(User)
class UserAdmin(KeptAdmin):
    """Names, rights and whether somebody may sign in; passwords are set by their owners alone."""

    list_display = ("email", "full_name", "customer", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "full_name")
    list_select_related = ("customer",)
    fields = (
        "email",
        "full_name",
        "function",
        "language",
        "is_active",
        "is_staff",
        "groups",
        "is_superuser",
        "customer",
        "agreement_valid_until",
        "last_login",
        "created_at",
    )
    readonly_fields = ("email", "customer", "agreement_valid_until", "last_login", "created_at")
    filter_horizontal = ("groups",)
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let superusers alone give rights, so that nobody can give them to himself."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "groups")
        return (*self.readonly_fields, *rights)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("customer", "user", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("customer", "user")
    search_fields = ("customer__legal_name", "user__email")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("customer", "email", "created_at", "expires_at", "mail_sent_at", "accepted_at", "withdrawn_at")
    list_select_related = ("customer",)
    search_fields = ("customer__legal_name", "email")
    exclude = ("token_hash",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("customer", "name", "created_by", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("customer", "created_by")
    search_fields = ("customer__legal_name", "name")
    exclude = ("token_hash",)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ("customer", "name", "channel_type", "activated_at", "removed_at")
    list_select_related = ("customer",)
    list_filter = ("channel_type",)
    search_fields = ("customer__legal_name", "name")


@admin.register(ChannelType)
class ChannelTypeAdmin(KeptAdmin):
    """A type is added and renamed as data; its key stays, since channels and registers hold it."""

    list_display = ("key", "label_de", "label_en", "kind", "sort")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj is not None else ()
