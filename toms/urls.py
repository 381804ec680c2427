"""Addresses of the register of measures."""

from __future__ import annotations

from django.urls import path

from customers.access import staff_page
from publishing.views import Wizard
from toms.views import editing, public, staff, upkeep
from toms.wizard import REGISTER

urlpatterns = [
    path("tom/", public.register, name="toms"),
    path("tom/measures.pdf", public.pdf_file, name="toms_pdf"),
    path("tom/measures.csv", public.csv_file, name="toms_csv"),
    path("tom/measures.json", public.json_file, name="toms_json"),
    path("tom/compare/", public.compare, name="toms_compare"),
    path("tom/versions/", public.versions, name="toms_versions"),
    path("tom/v/<int:number>/", public.version, name="toms_version"),
    path("tom/v/<int:number>/measures.pdf", public.pdf_file, name="toms_version_pdf"),
    path("tom/v/<int:number>/measures.csv", public.csv_file, name="toms_version_csv"),
    path("tom/v/<int:number>/measures.json", public.json_file, name="toms_version_json"),
    path("manage/toms/", staff.overview, name="manage_toms"),
    path("manage/toms/draft/", staff.start_draft, name="manage_toms_draft"),
    path("manage/toms/<int:pk>/", staff.version, name="manage_toms_version"),
    path("manage/toms/<int:pk>/measures.csv", editing.export, name="manage_toms_export"),
    path("manage/toms/<int:pk>/import/", editing.read_in, name="manage_toms_import"),
    path("manage/toms/rows/<str:kind>/new/<int:parent>/", editing.add, name="manage_toms_add"),
    path("manage/toms/rows/<str:kind>/<int:pk>/", editing.change, name="manage_toms_row"),
    path("manage/toms/rows/<str:kind>/<int:pk>/move/", editing.move, name="manage_toms_move"),
    path("manage/toms/rows/<str:kind>/<int:pk>/remove/", editing.remove, name="manage_toms_remove"),
    path("manage/toms/reviews/", upkeep.reviews, name="manage_toms_reviews"),
    path("manage/toms/upkeep/<slug:key>/", upkeep.upkeep, name="manage_toms_upkeep"),
    path("manage/toms/evidence/<uuid:number>/", upkeep.evidence_file, name="manage_toms_evidence"),
    path("manage/toms/evidence/<uuid:number>/remove/", upkeep.remove_evidence, name="manage_toms_evidence_remove"),
    *Wizard(REGISTER, staff_page).paths("manage/toms/"),
]
