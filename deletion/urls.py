"""Addresses of the pages on which a company leaves."""

from django.urls import path, re_path

from deletion.views import account, cancellation, progress

urlpatterns = [
    path("account/delete/", account.delete, name="account_delete"),
    path("account/delete/<str:reference>/", account.status, name="account_delete_status"),
    path("deletion/<str:reference>/<str:signature>/", progress.progress, name="deletion_progress"),
    re_path(
        r"^deletion/(?P<reference>[^/]+)/(?P<signature>[^/]+)/(?P<certificate>LZ-[^/]+)\.(?P<form>pdf|json)$",
        progress.certificate_file,
        name="deletion_certificate",
    ),
    path("account/export/", account.export, name="account_export"),
    path("account/cancel/", cancellation.of_account, name="account_cancel"),
    path("cancel/", cancellation.public, name="cancel"),
    path("cancel/received/<str:secret>/", cancellation.received, name="cancel_received"),
]
