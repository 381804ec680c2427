"""The jobs in the admin: see what waits and what died, replay it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from jobs import services
from jobs.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("key", "kind", "state", "attempts", "run_after", "last_error")
    list_filter = ("state", "kind")
    search_fields = ("key", "subject")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    actions = ("replay",)
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_job")

    @admin.action(description=_("Replay dead jobs"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        dead = list(queryset.filter(state=Job.State.DEAD))
        for job in dead:
            services.replay(job=job)
            self.log_change(request, job, "replay")
        told = ngettext("%(count)d job is tried again.", "%(count)d jobs are tried again.", len(dead)) % {"count": len(dead)}
        self.message_user(request, told, messages.SUCCESS if dead else messages.WARNING)
