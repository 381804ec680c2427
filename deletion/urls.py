"""Addresses of the pages on which a company leaves, of requests, and of the desk."""

from django.urls import path, re_path

from deletion.views import account, acts, cancellation, concept, confirmations, desk, progress, receiving, reports

urlpatterns = [
    path("account/delete/", account.delete, name="account_delete"),
    path("account/delete/<str:reference>/", account.status, name="account_delete_status"),
    path("deletion/<str:reference>/<str:signature>/", progress.progress, name="deletion_progress"),
    re_path(
        r"^deletion/(?P<reference>[^/]+)/(?P<signature>[^/]+)/(?P<certificate>LZ-[^/]+)\.(?P<form>pdf|json|sig)$",
        progress.certificate_file,
        name="deletion_certificate",
    ),
    path("manage/deletion/concept.pdf", concept.pdf, name="manage_deletion_concept"),
    path("account/export/", account.export, name="account_export"),
    path("account/export/<uuid:reference>/", account.export_file, name="account_export_file"),
    path("account/cancel/", cancellation.of_account, name="account_cancel"),
    path("cancel/", cancellation.public, name="cancel"),
    path("cancel/received/<str:secret>/", cancellation.received, name="cancel_received"),
    path("cancel/received/<str:secret>/confirmation.pdf", cancellation.received_pdf, name="cancel_received_pdf"),
    path("requests/new/", receiving.new, name="request_new"),
    path("requests/<str:reference>/", receiving.status, name="request_status"),
    path("desk/", desk.today, name="desk"),
    path("desk/requests/", desk.requests, name="desk_requests"),
    path("desk/requests/new/", receiving.record, name="desk_record"),
    path("desk/requests/<str:reference>/", desk.one, name="desk_request"),
    path("desk/requests/<str:reference>/preview/", desk.preview, name="desk_request_preview"),
    path("desk/requests/<str:reference>/assign/", desk.assign, name="desk_request_assign"),
    path("desk/requests/<str:reference>/note/", desk.note, name="desk_request_note"),
    path("desk/requests/<str:reference>/verify/", acts.verify, name="desk_request_verify"),
    path("desk/requests/<str:reference>/approve/", acts.approve, name="desk_request_approve"),
    path("desk/requests/<str:reference>/reject/", acts.reject, name="desk_request_reject"),
    path("desk/requests/<str:reference>/extend/", acts.extend, name="desk_request_extend"),
    path("desk/requests/<str:reference>/run/", acts.run, name="desk_request_run"),
    path("desk/requests/<str:reference>/retry/<int:step>/", acts.retry, name="desk_request_retry"),
    path("desk/requests/<str:reference>/again/", acts.verify_again, name="desk_request_again"),
    path("desk/requests/<str:reference>/pause/", acts.pause, name="desk_request_pause"),
    path("desk/requests/<str:reference>/subprocessors/<int:notice>/", confirmations.subprocessor, name="desk_request_subprocessor"),
    path("desk/requests/<str:reference>/hold/", acts.hold, name="desk_request_hold"),
    path("desk/requests/<str:reference>/hold/<int:hold>/release/", acts.release, name="desk_request_release"),
    path("desk/bulk/", desk.bulk, name="desk_bulk"),
    path("desk/cancellations/", reports.cancellations, name="desk_cancellations"),
    path("desk/cancellations/<str:reference>/", reports.cancellation, name="desk_cancellation"),
    path("desk/cancellations/<str:reference>/link/", reports.link, name="desk_cancellation_link"),
    path("desk/reports/", reports.reports, name="desk_reports"),
    path("desk/reports/requests.csv", reports.reports_csv, name="desk_reports_csv"),
]
