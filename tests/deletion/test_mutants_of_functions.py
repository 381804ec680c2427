"""Mutants of the functions by which the database lets kept rows and files go: each that reaches another account is noticed."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from customers.models import Customer
from deletion import services
from deletion.models import CaseFile, CasePerson, ErasureRequest, HandWork, MachineRequest, RetentionRule, StatusCall, Tombstone
from dpa.models import AgreementVersion, ExecutedAgreement, PaperAgreement
from tests.deletion.test_retention import erased_on
from tests.factories import agreement, erasure, requests
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
Rows = dict[str, list[str]]


def rows_where(conditions: dict[str, str], values: dict[str, Any]) -> Rows:
    """Return the rows of each table that its condition finds, as text."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table, condition in conditions.items():
            cursor.execute(f"SELECT t::text FROM {table} t WHERE {condition} ORDER BY 1", values)
            found[table] = [text for (text,) in cursor.fetchall()]
    return found


def survivors(signature: str, changes: dict[str, tuple[str, str]], keeps_its_promise: Any) -> list[str]:
    """Return the changes of the function with which the promise holds as before; everything is taken back each time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [signature])
        (text,) = cursor.fetchone()
    unnoticed = []
    for name, (old, new) in {"": ("", ""), **changes}.items():
        assert text.count(old) == 1 or not old, (name, text.count(old))
        with transaction.atomic():
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(text.replace(old, new) if old else text)
                    holds = keeps_its_promise()
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            except DatabaseError:
                holds = False
            transaction.set_rollback(True)
        if not name:
            assert holds, "the unchanged function keeps its promise"
        elif holds:
            unnoticed.append(name)
    return unnoticed


# --- rows that the law keeps ------------------------------------------------------------------------------------------

OF_ACCEPTANCES = "acceptance_id IN (SELECT id FROM dpa_acceptance WHERE customer_id = %(account)s)"
KEPT = {
    "dpa_acceptanceparty": OF_ACCEPTANCES,
    "dpa_executedagreement": OF_ACCEPTANCES,
    "dpa_serving": "customer_id = %(account)s",
    "dpa_paperagreement": "customer_id = %(account)s",
    "dpa_acceptance": "customer_id = %(account)s",
}
INNER = "DELETE FROM {} WHERE acceptance_id IN (SELECT id FROM dpa_acceptance WHERE customer_id = account)"
PARTY, EXECUTED = INNER.format("dpa_acceptanceparty"), INNER.format("dpa_executedagreement")
OUTER = "DELETE FROM {} WHERE customer_id = account;"
HOLD = "WHERE t.customer_number = account AND h.released_at IS NULL"
LEFT = "SELECT FROM dpa_acceptance a WHERE a.customer_id = account AND ("
OF_KEPT_ROWS = {
    "parties of everybody": (PARTY, "DELETE FROM dpa_acceptanceparty"),
    "parties of all others": (PARTY, PARTY.replace("customer_id =", "customer_id <>")),
    "documents of everybody": (EXECUTED, "DELETE FROM dpa_executedagreement"),
    "documents of all others": (EXECUTED, EXECUTED.replace("customer_id =", "customer_id <>")),
    **{f"{table} of everybody": (OUTER.format(table), f"DELETE FROM {table};") for table in list(KEPT)[2:]},
    **{f"{table} of all others": (OUTER.format(table), OUTER.format(table).replace("=", "<>")) for table in list(KEPT)[2:]},
    "anybody's hold": (HOLD, "WHERE h.released_at IS NULL"),
    "another account's hold": (HOLD, HOLD.replace("= account", "<> account")),
    "anybody's parties and documents stand in the way": (LEFT, "SELECT FROM dpa_acceptance a WHERE ("),
}


class Kept:
    """Rows of an account that ended so long ago that they may go."""

    def __init__(self, version: AgreementVersion) -> None:
        company, owner = erasure.account(0)
        now, long_ago = timezone.now(), timezone.now() - datetime.timedelta(days=400)
        acceptance = agreement.accept(company, owner, version)
        ExecutedAgreement.objects.create(acceptance=acceptance, sha256="0" * 64, pages=1, size=1, rendered_at=now)
        PaperAgreement.objects.create(
            customer=company,
            reference=f"P-{company.pk}",
            signed_date=now.date(),
            signed_for_customer_by="Somebody",
            note="on paper",
            document_sha256="0" * 64,
            document_size=1,
            imported_by=owner,
            imported_at=now,
        )
        request = erasure.due(company, owner)
        ErasureRequest.objects.filter(pk=request.pk).update(started_at=long_ago)
        Tombstone.objects.create(
            customer_number=company.pk,
            customer_reference=company.reference,
            request_reference=request.reference,
            erased_at=long_ago,
        )
        self.company: Customer = company

    def rows(self) -> Rows:
        return rows_where(KEPT, {"account": self.company.pk})

    def expire(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM deletion_erase_expired(%s)", [self.company.pk])

    def hold(self) -> Any:
        staff, now = people.staff(), timezone.now()
        return services.place_hold(
            customer_reference=self.company.reference, ground="claims", file_number="7 O 12/26", review_date=now.date(), by=staff, at=now
        )


def test_every_change_that_lets_kept_rows_of_another_account_go_is_noticed() -> None:
    people.provider()
    version = agreement.published()
    RetentionRule.objects.filter(dataset__startswith="dpa.").update(months=0, days=0, to_year_end=False)
    ours, other, held = Kept(version), Kept(version), Kept(version)
    held.hold()
    assert all(ours.rows().values()), ours.rows()

    def keeps_its_promise() -> bool:
        before = [other.rows(), held.rows()]
        held.expire()
        untouched = [other.rows(), held.rows()] == before
        ours.expire()
        return untouched and not any(ours.rows().values()) and [other.rows(), held.rows()] == before

    assert survivors("deletion_erase_expired(bigint)", OF_KEPT_ROWS, keeps_its_promise) == []


# --- files of requests ------------------------------------------------------------------------------------------------

OF_CASES = "case_id IN (SELECT id FROM deletion_casefile WHERE erasure_id = %(request)s)"
OF_REQUESTS = "request_id = %(request)s"
FILES = {
    "deletion_caseperson": OF_CASES,
    "deletion_caseevent": OF_CASES,
    "deletion_casenote": OF_CASES,
    "deletion_casefile": "erasure_id = %(request)s",
    "deletion_statuscall": "machine_request_id IN (SELECT id FROM deletion_machinerequest WHERE request_id = %(request)s)",
    "deletion_machinerequest": OF_REQUESTS,
    "deletion_erasurecontact": OF_REQUESTS,
    "deletion_subprocessornotice": OF_REQUESTS,
    "deletion_handwork": "step_id IN (SELECT id FROM deletion_erasurestep WHERE request_id = %(request)s)",
    "deletion_erasurestep": OF_REQUESTS,
    "deletion_erasureevent": OF_REQUESTS,
    "deletion_erasurecertificate": OF_REQUESTS,
    "deletion_erasurerequest": "id = %(request)s",
}
BY_CASE, BY_REQUEST = (
    ("deletion_caseperson", "deletion_caseevent", "deletion_casenote"),
    (
        "deletion_machinerequest",
        "deletion_erasurecontact",
        "deletion_subprocessornotice",
        "deletion_erasurestep",
        "deletion_erasureevent",
        "deletion_erasurecertificate",
    ),
)
CALLS = (
    "DELETE FROM deletion_statuscall s USING deletion_machinerequest m WHERE m.id = s.machine_request_id AND m.request_id = ANY (requests)"
)
BY_HAND = "DELETE FROM deletion_handwork h USING deletion_erasurestep s WHERE s.id = h.step_id AND s.request_id = ANY (requests)"
OF_FILES = {
    **{f"{table} of every case": (f"DELETE FROM {table} WHERE case_id = ANY (cases);", f"DELETE FROM {table};") for table in BY_CASE},
    **{
        f"{table} of all requests": (f"DELETE FROM {table} WHERE request_id = ANY (requests);", f"DELETE FROM {table};")
        for table in BY_REQUEST
    },
    "every case": ("DELETE FROM deletion_casefile WHERE id = ANY (cases);", "DELETE FROM deletion_casefile;"),
    "every request": ("DELETE FROM deletion_erasurerequest WHERE id = ANY (requests);", "DELETE FROM deletion_erasurerequest;"),
    "cases of every request": ("WHERE erasure_id = ANY (requests)) ||", "WHERE erasure_id IS NOT NULL) ||"),
    "every call": (CALLS, "DELETE FROM deletion_statuscall"),
    "calls of other requests": (
        CALLS,
        "DELETE FROM deletion_statuscall s USING deletion_machinerequest m WHERE m.request_id = ANY (requests)",
    ),
    "all hand work": (BY_HAND, "DELETE FROM deletion_handwork"),
    "hand work of other requests": (
        BY_HAND,
        "DELETE FROM deletion_handwork h USING deletion_erasurestep s WHERE s.request_id = ANY (requests)",
    ),
    "every duplicate forgets": ("SET duplicate_of_id = NULL WHERE duplicate_of_id = ANY (cases)", "SET duplicate_of_id = NULL"),
    "every fence forgets": ("SET request_id = NULL WHERE request_id = ANY (requests)", "SET request_id = NULL"),
}


def file_of(ended: datetime.datetime) -> ErasureRequest:
    """Return a deletion that ended then, with a row in every table of its file, and something that looks like its duplicate."""
    company, owner = erasure.account(1)
    request = erased_on(erasure.due(company, owner), ended - datetime.timedelta(days=2))
    staff, now = people.staff(), timezone.now()
    CasePerson.objects.create(case=request.case_file, name="Somebody")
    services.add_note(case=request.case_file, text="Looked at it.", by=staff, at=now)
    HandWork.objects.create(step=request.steps.get(ordinal=1), reason="direct", proof_sha256="0" * 64, proposed_by=staff, proposed_at=now)
    asked = MachineRequest.objects.create(subject_request_id=uuid.uuid4(), request=request, body_sha256="0" * 64, received_at=now)
    StatusCall.objects.create(machine_request=asked, address="https://system.example/", status="completed")
    later, _code = requests.asked(email=f"{company.pk}@example.com")
    CaseFile.objects.filter(pk=later.pk).update(duplicate_of=request.case_file)
    return request


def rows_of(request: ErasureRequest) -> Rows:
    return rows_where(FILES, {"request": request.pk})


def test_every_change_that_lets_the_file_of_another_request_go_is_noticed() -> None:
    people.provider()
    agreement.published()  # subprocessors are told
    year = timezone.localdate().year
    over, other = (file_of(datetime.datetime(year - ago, 1, 1, 12, tzinfo=datetime.UTC)) for ago in (5, 3))
    assert all(rows_of(over).values()), rows_of(over)
    assert all(rows_of(other).values())
    beside = {"deletion_casefile": "duplicate_of_id = %(case)s", "deletion_erasurefence": "request_id = %(request)s"}
    pointing = {"case": other.case_file.pk, "request": other.pk}

    def keeps_its_promise() -> bool:
        before = rows_of(other), rows_where(beside, pointing)
        with connection.cursor() as cursor:
            cursor.execute("SELECT deletion_erase_files(100)")
            (number,) = cursor.fetchone()
        return number == 2 and not any(rows_of(over).values()) and (rows_of(other), rows_where(beside, pointing)) == before

    assert survivors("deletion_erase_files(integer)", OF_FILES, keeps_its_promise) == []
