"""One settings file for demo, tests and production; all that differs comes from environment variables.

docs/operations.md lists the variables. A missing or contradictory one stops the start with a sentence that says what to set.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from compliance_portal.content_policy import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY  # Django reads it here
from compliance_portal.logging import logging_configuration
from compliance_portal.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str, hint: str) -> str:
    """Return the variable's value or refuse to start, saying what to set."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {hint}")
    return value


TESTING = "pytest" in sys.modules
DEMO = env.bool("PORTAL_DEMO", default=False)
DEBUG = False

SECRET_KEY = required("SECRET_KEY", "50 or more random characters, kept outside the database and its backups.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PORTAL_ORIGIN = required("PORTAL_ORIGIN", "the public address of the portal, for example https://privacy.example.com").rstrip("/")
_origin = urlsplit(PORTAL_ORIGIN)
if _origin.scheme not in ("https", "http") or not _origin.hostname or _origin.path:
    raise ImproperlyConfigured("PORTAL_ORIGIN is scheme and host alone, for example https://privacy.example.com")
SECURE = _origin.scheme == "https"
if not SECURE and not (DEMO or TESTING):
    raise ImproperlyConfigured("PORTAL_ORIGIN must begin with https:// outside the demo and the tests.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_origin.hostname])
CSRF_TRUSTED_ORIGINS = [PORTAL_ORIGIN]

INSTALLED_APPS = [
    "deletion",
    "subscriptions",
    "dpa",
    "privacy_text",
    "toms",
    "subprocessors",
    "notifications",
    "customers",
    "publishing",
    "evidence",
    "jobs",
    "compliance_portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "django.forms",  # its templates are found after ours
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # so that a widget of ours can take the place of the administration's

MIDDLEWARE = [
    "compliance_portal.middleware.RequestIdentifier",
    "deletion.middleware.ClosedAfterRestore",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "compliance_portal.middleware.ResponseHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "deletion.middleware.LateWrites",
    "dpa.middleware.AgreementGate",
    "customers.middleware.CustomerOfRequest",
    "compliance_portal.middleware.LoginRequired",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "compliance_portal.urls"
WSGI_APPLICATION = "compliance_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "customers.context.portal",
                "dpa.context.agreement",
                "subprocessors.noticing.badge",
                "privacy_text.context.badge",
            ],
        },
    }
]

# --- data ------------------------------------------------------------------------------------------------------------

_connections = {"CONN_MAX_AGE": 0 if TESTING else 60, "CONN_HEALTH_CHECKS": True}
_database = required("DATABASE_URL", "postgresql://ROLE:PASSWORD@HOST/NAME, a role that owns no table.")
_ledger = required("ERASURE_LEDGER_URL", "postgresql://ROLE:PASSWORD@HOST/NAME, a second database with a backup of its own.")
DATABASES = {"default": env.db_url_config(_database) | _connections, "ledger": env.db_url_config(_ledger) | _connections}
DATABASE_ERASER_ROLE = env.str("DATABASE_ERASER_ROLE", default="portal_eraser")
DATABASE_ROUTERS, DATABASE_VERIFIER_ROLE = ["deletion.ledger.Router"], env.str("DATABASE_VERIFIER_ROLE", default="portal_verifier")
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default="portal_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required("REDIS_URL", "redis://HOST:6379/0, a Valkey or Redis with appendonly yes and maxmemory-policy noeviction.")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "portal"}}

DOCUMENTS_DIR = Path(env.str("DOCUMENTS_DIR", default=str(BASE_DIR / "documents")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(DOCUMENTS_DIR)}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL, STATIC_ROOT = "/static/", Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- languages and time ----------------------------------------------------------------------------------------------

FORMAT_MODULE_PATH = ["compliance_portal.formats"]
LANGUAGE_CODE, LANGUAGES = "de", [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Berlin"  # what people read; stored times are UTC

# --- people and sessions ---------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "customers.User"
AUTHENTICATION_BACKENDS = ["customers.backends.PersonBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, ACCOUNT_LOGOUT_REDIRECT_URL = "account_login", "account", "home"

ACCOUNT_ADAPTER = "customers.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "customers.forms.RegistrationForm",
    "login": "customers.forms.LoginForm",
    "add_email": "customers.forms.ChangeEmailForm",
    "change_password": "customers.forms.ChangePasswordForm",
    "set_password": "customers.forms.SetPasswordForm",
    "reset_password": "customers.forms.ResetPasswordForm",
    "reset_password_from_key": "customers.forms.ResetPasswordKeyForm",
    "reauthenticate": "customers.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CHANGE_EMAIL = True  # one address per person; a new one counts when it is confirmed
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _origin.scheme
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "signup": "20/m/ip",
    "reauthenticate": "10/m/user",
    "confirm_email": "1/3m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

MFA_ADAPTER = "customers.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "customers.forms.SecondFactorForm",
    "reauthenticate": "customers.forms.SecondFactorAgainForm",
    "activate_totp": "customers.forms.ActivateAppForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_TOLERANCE, MFA_RECOVERY_CODES_SHOW_ONCE = 0, True
MFA_TOTP_ISSUER = _origin.hostname
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
LANGUAGE_COOKIE_NAME = "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "compliance_portal.views.csrf_failure"

# --- answers ---------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds()) if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["compliance_portal.parsing.ShallowJSON"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["dpa.authentication.GatedTokenAuthentication", "dpa.authentication.GatedSessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle", "rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "600/min"},
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "compliance_portal.api.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Compliance Portal",
    "DESCRIPTION": "Versions, executed agreements and the gate's answer, for the vendor's dashboard.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"LanguageEnum": LANGUAGES, "WhyEnum": "subscriptions.models.Subscription.Why"},
}

# --- mail ------------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"portal@{_origin.hostname}")
QUIET_WINDOW = timedelta(minutes=env.int("QUIET_WINDOW_MINUTES", default=60))  # edits of an announcement merge within it
EMAIL_TIMEOUT = 10
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DOCUMENTS_DIR.parent / "mail")
elif not TESTING:
    vars().update(
        env.email_url_config(required("EMAIL_URL", "smtp+tls://USER:PASSWORD@HOST:587, the server that sends the portal's mail."))
    )

# --- work that must not be lost --------------------------------------------------------------------------------------

CELERY_BROKER_URL = (
    "redis+socket://" + REDIS_URL.removeprefix("unix://").replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
# Longer than the longest job: the broker hands no message out again while a worker may be at it. Lost ones are sent by the relay.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 7 * 3600, "unacked_restore_interval": 10, "unacked_restore_throttle": 1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 90, 120
CELERY_TASK_SERIALIZER, CELERY_ACCEPT_CONTENT = "json", ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_QUEUES = [Queue("celery"), Queue("retries"), Queue("clock")]  # each has its turn: failing jobs delay no others
CELERY_TASK_ROUTES = {
    name: {"queue": "clock"} for name in ("jobs.relay", "jobs.plant_canary", "evidence.seal", "deletion.keep_going", "deletion.watch")
}
CELERY_BEAT_SCHEDULE = SCHEDULE

JOBS_WHEN_A_COMPANY_CHANGES = ["privacy_text.look_at_company"]  # each takes the company's number

ERASURE_STORES, ERASURE_PAUSED = env.str("ERASURE_STORES", default="").split(), env.str("ERASURE_PAUSED", default="").split()
ERASURE_LAST_CHECK_HOURS, ERASURE_BACKUP_DAYS = env.int("ERASURE_LAST_CHECK_HOURS", default=24), env.int("ERASURE_BACKUP_DAYS", default=35)
if not (DEMO or TESTING) and ERASURE_LAST_CHECK_HOURS < 7:
    raise ImproperlyConfigured(
        "ERASURE_LAST_CHECK_HOURS is at least 7: an export may be at work for six hours, and its file has to be seen."
    )
ERASURE_GRACE_DAYS = env.int("ERASURE_GRACE_DAYS", default=14)  # in which a deletion request can be withdrawn
if not 0 <= ERASURE_GRACE_DAYS <= 30:
    raise ImproperlyConfigured("ERASURE_GRACE_DAYS is a number of days from 0 to 30: later, the deletion would be late (Art. 12(3) GDPR).")
ERASURE_MOST_REPLICA_LAG = env.int("ERASURE_MOST_REPLICA_LAG", default=64)  # megabytes of write-ahead log; beyond, erasures wait
ERASURE_SECOND_PERSON_ABOVE = env.int("ERASURE_SECOND_PERSON_ABOVE", default=10_000)  # subscriptions of an account that support has erased
CONTRACT_NOTICE_DAYS, CONTRACT_RETRIEVAL_DAYS = env.int("CONTRACT_NOTICE_DAYS", default=30), env.int("CONTRACT_RETRIEVAL_DAYS", default=30)

# --- evidence --------------------------------------------------------------------------------------------------------

EVIDENCE_ADDRESSES = env.str("EVIDENCE_ADDRESSES", default="full")  # of an acceptance: full, shortened or off
if EVIDENCE_ADDRESSES not in ("full", "shortened", "off"):
    raise ImproperlyConfigured("EVIDENCE_ADDRESSES is one of: full, shortened, off.")
EVIDENCE_LOG = env.str("EVIDENCE_LOG", default="") or _origin.hostname

LOGGING_CONFIG = None
LOGGING = logging_configuration(level=env.str("LOG_LEVEL", default="INFO"))
