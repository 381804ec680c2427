"""The map of the portal: addresses without a language for machines and print, two language trees for people."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from compliance_portal import demo_codes, downloads, removing, updates, views

urlpatterns = [
    path("", views.root, name="root"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("theme.css", views.theme_css, name="theme_css"),
    path("robots.txt", views.robots_txt, name="robots_txt"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("v/", include("deletion.verify_urls")),
    path("v/", include("dpa.verify_urls")),
    path("embed/", include("privacy_text.embed_urls")),
    path("api/v1/", include("compliance_portal.api")),
    path("admin/", admin.site.urls),
    path("demo/mail/", views.demo_mail, name="demo_mail"),
    path("demo/mail/<str:name>/", views.demo_mail_message, name="demo_mail_message"),
    path("demo/mail/<str:name>/<int:position>/", views.demo_mail_file, name="demo_mail_file"),
    path("demo/codes/", demo_codes.demo_codes, name="demo_codes"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("help/", views.help_page, name="help"),
        path("imprint/", views.imprint, name="imprint"),
        path("privacy/", views.privacy, name="privacy"),
        path("accessibility/", views.accessibility, name="accessibility"),
        path("appearance/", views.appearance, name="appearance"),
        path("manage/", views.manage, name="manage"),
        path("manage/subprocessors/entries/<int:pk>/remove/", removing.remove, name="manage_subprocessors_remove"),
        path("documents/", downloads.documents, name="documents"),
        path("documents/all.zip", downloads.everything, name="documents_zip"),
        path("updates/", updates.updates, name="updates"),
        path("updates/feed.atom", updates.atom_feed, name="updates_atom"),
        path("updates/feed.json", updates.json_feed, name="updates_json"),
        path("updates/announcements/<str:reference>/", updates.announcement, name="updates_announcement"),
        path("", include("customers.login_urls")),
        path("", include("customers.urls")),
        path("", include("dpa.urls")),
        path("", include("toms.urls")),
        path("", include("notifications.urls")),
        path("", include("subprocessors.urls")),
        path("", include("deletion.urls")),
        path("", include("privacy_text.urls")),
        path("", include("privacy_text.channel_urls")),
        path("", include("subscriptions.urls")),
    ),
]

handler400 = "compliance_portal.views.bad_request"
handler403 = "compliance_portal.views.permission_denied"
handler404 = "compliance_portal.views.not_found"
handler500 = "compliance_portal.views.server_error"
