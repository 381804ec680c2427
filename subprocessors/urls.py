"""Addresses of the register of subprocessors; names of companies come last, so that they can hide no page of the portal."""

from __future__ import annotations

from django.urls import path

from customers.access import staff_page
from publishing.views import Wizard
from subprocessors.views import customer, editing, public, staff
from subprocessors.wizard import REGISTER

urlpatterns = [
    path("subprocessors/", public.register, name="subprocessors"),
    path("subprocessors/subprocessors.pdf", public.pdf_file, name="subprocessors_pdf"),
    path("subprocessors/subprocessors.csv", public.csv_file, name="subprocessors_csv"),
    path("subprocessors/subprocessors.json", public.json_file, name="subprocessors_json"),
    path("subprocessors/compare/", public.compare, name="subprocessors_compare"),
    path("subprocessors/versions/", public.versions, name="subprocessors_versions"),
    path("subprocessors/v/<int:number>/", public.version, name="subprocessors_version"),
    path("subprocessors/v/<int:number>/subprocessors.pdf", public.pdf_file, name="subprocessors_version_pdf"),
    path("subprocessors/v/<int:number>/subprocessors.csv", public.csv_file, name="subprocessors_version_csv"),
    path("subprocessors/v/<int:number>/subprocessors.json", public.json_file, name="subprocessors_version_json"),
    path("account/notices/", customer.notices, name="account_notices"),
    path("account/notices/<str:reference>/", customer.notice, name="account_notice"),
    path("account/notices/<str:reference>/object/", customer.object_to, name="account_notice_object"),
    path("account/notices/<str:reference>/consent/", customer.consent, name="account_notice_consent"),
    path("account/objections/<str:reference>/", customer.objection, name="account_objection"),
    path("account/objections/<str:reference>/withdraw/", customer.withdraw, name="account_objection_withdraw"),
    path("manage/subprocessors/", editing.desk, name="manage_subprocessors"),
    path("manage/subprocessors/draft/", editing.draft, name="manage_subprocessors_draft"),
    path("manage/subprocessors/entries/new/", editing.new_entry, name="manage_subprocessors_new"),
    path("manage/subprocessors/entries/<int:pk>/", editing.entry, name="manage_subprocessors_entry"),
    path("manage/subprocessors/entries/<int:pk>/move/", editing.move, name="manage_subprocessors_move"),
    path("manage/subprocessors/import/", editing.read_in, name="manage_subprocessors_import"),
    path("manage/subprocessors/export.csv", editing.export, name="manage_subprocessors_export"),
    path("manage/subprocessors/fallback/", editing.fallback, name="manage_subprocessors_fallback"),
    *Wizard(REGISTER, staff_page).paths("manage/subprocessors/"),
    path("manage/notices/", staff.notices, name="manage_notices"),
    path("manage/notices/new/", staff.announce, name="manage_announce"),
    path("manage/notices/<str:reference>/", staff.notice, name="manage_notice"),
    path("manage/notices/<str:reference>/withdraw/", staff.withdraw, name="manage_notice_withdraw"),
    path("manage/notices/<str:reference>/activate/", staff.activate, name="manage_notice_activate"),
    path("manage/notices/<str:reference>/override/<int:customer_id>/", staff.override, name="manage_notice_override"),
    path("manage/objections/<str:reference>/", staff.objection, name="manage_objection"),
    path("manage/terms/", staff.terms, name="manage_terms"),
    path("manage/terms/<int:customer_id>/", staff.deviation, name="manage_deviation"),
    path("subprocessors/<slug:slug>/", public.entry, name="subprocessors_entry"),
]
