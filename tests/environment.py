"""The environment that every test runs in; loaded before Django's settings are read."""

from __future__ import annotations

import os
import tempfile

import hypothesis
import pytest

if not os.environ.get("DATABASE_URL"):
    raise pytest.UsageError(
        "No database. Run the tests with 'make test' or 'python -m compliance_portal.embedded --owner -- python -m pytest'."
    )
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["PORTAL_ORIGIN"] = "http://testserver"
os.environ["DOCUMENTS_DIR"] = tempfile.mkdtemp(prefix="portal-documents-")
os.environ["STATIC_ROOT"] = tempfile.mkdtemp(prefix="portal-static-")
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread of the tests
os.environ.pop("PORTAL_DEMO", None)
# Tests that run side by side share no cache: each worker has a database of its own in Valkey.
# The controller sets the base once; its workers inherit it and each takes a number of its own.
base = os.environ.setdefault("REDIS_URL_OF_THE_RUN", os.environ["REDIS_URL"])
worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
os.environ["REDIS_URL"] = base.replace("db=0", f"db={int(worker) + 1}")

# A busy machine says nothing about an example; Hypothesis counts seconds that other processes took.
hypothesis.settings.register_profile("portal", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("portal")
