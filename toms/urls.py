"""Addresses of the register of measures."""

from __future__ import annotations

from django.urls import path

from toms import views

urlpatterns = [
    path("tom/", views.register, name="toms"),
    path("tom/measures.pdf", views.pdf_file, name="toms_pdf"),
    path("tom/measures.csv", views.csv_file, name="toms_csv"),
    path("tom/measures.json", views.json_file, name="toms_json"),
    path("tom/versions/", views.versions, name="toms_versions"),
    path("tom/v/<int:number>/", views.version, name="toms_version"),
    path("tom/v/<int:number>/measures.pdf", views.pdf_file, name="toms_version_pdf"),
    path("tom/v/<int:number>/measures.csv", views.csv_file, name="toms_version_csv"),
    path("tom/v/<int:number>/measures.json", views.json_file, name="toms_version_json"),
]
