"""Sample people: one of each kind of user. Plain facts, read by the starter of the demo too, which runs without Django."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "probe-portal-2026"  # noqa: S105 - the demo's own, printed at its start
# The demo shows the codes on a page; everywhere else a person scans a secret of her own.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105


@dataclass(frozen=True)
class Login:
    """A sample person; either of staff (``group``) or of a company (``roles``)."""

    email: str
    name: str
    function: str
    purpose: str
    group: str = ""
    company: str = ""
    roles: tuple[str, ...] = ()


PUBLISHER, STUDIO = "Muster Verlag GmbH & Co. KG", "Beispiel Studio GmbH"
LOGINS = (
    Login(
        "erika.muster@example.com",
        "Erika Muster",
        "Geschäftsführerin",
        f"signatory of {PUBLISHER}; has to accept the agreement",
        company=PUBLISHER,
        roles=("owner", "signatory", "privacy_contact"),
    ),
    Login(
        "jan.kanal@example.com",
        "Jan Kanal",
        "Redakteur",
        f"channel owner of {PUBLISHER}; may not sign",
        company=PUBLISHER,
        roles=("channel_owner",),
    ),
    Login(
        "lena.beispiel@example.com",
        "Lena Beispiel",
        "Inhaberin",
        f"owner of {STUDIO}; a second company, to see that each sees its own",
        company=STUDIO,
        roles=("owner", "signatory", "privacy_contact"),
    ),
    Login("editor@example.com", "Rosa Redaktion", "Redaktion", "staff: writes texts and registers", group="editor"),
    Login("approver@example.com", "Frank Freigabe", "Freigabe", "staff: approves and publishes", group="approver"),
    Login("support@example.com", "Susi Support", "Support", "staff: requests and subscriptions", group="support"),
    Login("legal@example.com", "Lars Legal", "Recht", "staff: acceptances and agreements on paper", group="legal"),
    Login("admin@example.com", "Ada Admin", "Administration", "staff: people, provider, jobs", group="admin"),
)
