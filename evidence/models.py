"""The ledger: what happened, in which order, under which roots. No foreign keys: a cascade must never reach evidence."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from evidence import canonical, merkle


class Bytes(models.BinaryField):  # type: ignore[type-arg]  # Django's fields take none at run time
    """A binary column that gives bytes, where the driver gives a view of its buffer."""

    def from_db_value(self, value: memoryview | None, _expression: Any, _connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def deconstruct(self) -> Any:
        name, _path, arguments, keywords = super().deconstruct()
        return name, "django.db.models.BinaryField", arguments, keywords


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction number (xid8), which the driver gives and takes as text."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: Any = False) -> Any:
        return str(value) if isinstance(value, int) else super().get_db_prep_value(value, connection, prepared)


class Event(models.Model):
    """One fact that must be provable years later, as the bytes that were hashed."""

    append_only = True

    canonical: models.BinaryField[bytes, bytes] = Bytes(_("canonical form"))
    leaf_hash: models.BinaryField[bytes, bytes] = Bytes(_("leaf hash"))
    writing_transaction: models.Field[int, int] = TransactionId(
        _("writing transaction"), db_default=models.Func(function="pg_current_xact_id"), editable=False
    )
    commitment: models.BinaryField[bytes | None, bytes | None] = Bytes(_("commitment to personal data"), null=True)

    class Meta:
        db_table = "evidence_event"
        verbose_name, verbose_name_plural = _("event"), _("events")
        indexes = [models.Index(fields=["writing_transaction"], name="evidence_event_writing")]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("leaf_hash"), merkle.HASH_LENGTH), name="event: leaf hash has 32 bytes"),
            models.CheckConstraint(
                condition=models.Q(commitment=None) | models.Q(Exact(Length("commitment"), merkle.HASH_LENGTH)),
                name="event: commitment has 32 bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def content(self) -> dict[str, Any]:
        """The fields of the event; raises canonical.NotCanonical for bytes that were tampered with."""
        return canonical.parse_event(self.canonical)


class Personal(models.Model):
    """Personal data that an event commits to: the one part of the evidence that can be erased (Art. 17 GDPR)."""

    never_changed = True

    commitment: models.BinaryField[bytes, bytes] = Bytes(_("commitment"), primary_key=True)
    salt: models.BinaryField[bytes, bytes] = Bytes(_("salt"))
    content: models.BinaryField[bytes, bytes] = Bytes(_("content"))

    class Meta:
        db_table = "evidence_personal"
        verbose_name, verbose_name_plural = _("personal data of an event"), _("personal data of events")
        constraints = [
            models.CheckConstraint(condition=Exact(Length("salt"), canonical.SALT_LENGTH), name="personal: salt has 32 bytes"),
        ]

    def __str__(self) -> str:
        return self.commitment.hex()


class Place(models.Model):
    """The place of an event in the order that the tree is built over: 0, 1, 2 … without gaps."""

    append_only = True

    sequence = models.BigIntegerField(_("place"), primary_key=True)
    event_id = models.BigIntegerField(_("event"), unique=True)

    class Meta:
        db_table = "evidence_place"
        verbose_name, verbose_name_plural = _("place"), _("places")
        constraints = [models.CheckConstraint(condition=models.Q(sequence__gte=0), name="place: counted from 0")]

    def __str__(self) -> str:
        return f"{self.sequence}"


class Seal(models.Model):
    """The root over the first ``size`` events (RFC 6962, section 2.1): whoever holds it can prove any later change."""

    append_only = True

    size = models.BigIntegerField(_("events"), primary_key=True)
    root: models.BinaryField[bytes, bytes] = Bytes(_("root"))
    frontier: models.BinaryField[bytes, bytes] = Bytes(_("roots of the perfect subtrees"))
    visible_below: models.Field[int, int] = TransactionId(_("all earlier transactions are sealed"), editable=False)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        db_table = "evidence_seal"
        verbose_name, verbose_name_plural = _("seal"), _("seals")
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="seal: covers an event"),
            models.CheckConstraint(condition=Exact(Length("root"), merkle.HASH_LENGTH), name="seal: root has 32 bytes"),
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.root.hex()}"
