"""Mails that let their reader in, while they wait for the mail server."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class SealedLetter(models.Model):
    """A mail with a link that opens an account: encrypted with a key outside the database, and gone as soon as it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.TextField(_("encrypted content"), editable=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        default_permissions = ()
        verbose_name = _("letter that waits for the mail server")
        verbose_name_plural = _("letters that wait for the mail server")

    def __str__(self) -> str:
        return str(self.pk)
