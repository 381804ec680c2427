"""Which views stay open while the gate is closed: a closed list of view names, each with its reason.

Everything else is closed to a signed-in person whose company has no agreement in force. The list is printed by
``manage.py gate_exemptions`` and pinned by a test: a line here is a decision.
"""

from __future__ import annotations

PUBLIC = "public: the same for everybody, no login"
SIGN_IN = "signing in and out must never need an agreement"
SECURITY = "nobody may be kept from securing an account"
LEAVE = "nobody may be kept from leaving: export, deletion, cancellation"
ACCEPT = "the way through the gate"
PROFILE = "what the agreement will say about the company and its people is mended before it is accepted"
OPERATION = "asked by machines that watch the service"

EXEMPT: dict[str, str] = {
    # operation and short addresses
    "root": PUBLIC,
    "livez": OPERATION,
    "readyz": OPERATION,
    "theme_css": PUBLIC,
    "security_txt": PUBLIC,
    "robots_txt": PUBLIC,
    "sitemap": PUBLIC,
    "verify": PUBLIC,
    "verify_reference": PUBLIC,
    # public pages
    "home": PUBLIC,
    "help": PUBLIC,
    "imprint": PUBLIC,
    "privacy": PUBLIC,
    "accessibility": PUBLIC,
    "appearance": PUBLIC,
    "dpa": PUBLIC,
    "dpa_pdf": PUBLIC,
    "dpa_versions": PUBLIC,
    "dpa_version": PUBLIC,
    "dpa_version_pdf": PUBLIC,
    "dpa_version_text": PUBLIC,
    "dpa_compare": PUBLIC,
    "toms": PUBLIC,
    "subprocessors": PUBLIC,
}
