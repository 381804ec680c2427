"""Addresses of the register of subprocessors; names of companies come last, so that they can hide no page of the portal."""

from __future__ import annotations

from django.urls import path

from subprocessors import views

urlpatterns = [
    path("subprocessors/", views.register, name="subprocessors"),
    path("subprocessors/subprocessors.pdf", views.pdf_file, name="subprocessors_pdf"),
    path("subprocessors/subprocessors.csv", views.csv_file, name="subprocessors_csv"),
    path("subprocessors/subprocessors.json", views.json_file, name="subprocessors_json"),
    path("subprocessors/versions/", views.versions, name="subprocessors_versions"),
    path("subprocessors/v/<int:number>/", views.version, name="subprocessors_version"),
    path("subprocessors/v/<int:number>/subprocessors.pdf", views.pdf_file, name="subprocessors_version_pdf"),
    path("subprocessors/v/<int:number>/subprocessors.csv", views.csv_file, name="subprocessors_version_csv"),
    path("subprocessors/v/<int:number>/subprocessors.json", views.json_file, name="subprocessors_version_json"),
    path("subprocessors/<slug:slug>/", views.entry, name="subprocessors_entry"),
]
