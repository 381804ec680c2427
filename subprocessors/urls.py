"""Addresses of the register of subprocessors; names of companies come last, so that they can hide no page of the portal."""

from __future__ import annotations

from django.urls import path

from subprocessors.views import public

urlpatterns = [
    path("subprocessors/", public.register, name="subprocessors"),
    path("subprocessors/subprocessors.pdf", public.pdf_file, name="subprocessors_pdf"),
    path("subprocessors/subprocessors.csv", public.csv_file, name="subprocessors_csv"),
    path("subprocessors/subprocessors.json", public.json_file, name="subprocessors_json"),
    path("subprocessors/versions/", public.versions, name="subprocessors_versions"),
    path("subprocessors/v/<int:number>/", public.version, name="subprocessors_version"),
    path("subprocessors/v/<int:number>/subprocessors.pdf", public.pdf_file, name="subprocessors_version_pdf"),
    path("subprocessors/v/<int:number>/subprocessors.csv", public.csv_file, name="subprocessors_version_csv"),
    path("subprocessors/v/<int:number>/subprocessors.json", public.json_file, name="subprocessors_version_json"),
    path("subprocessors/<slug:slug>/", public.entry, name="subprocessors_entry"),
]
