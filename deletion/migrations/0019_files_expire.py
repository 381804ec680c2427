"""Files of requests and certificates go when their time is over, and not before: the database looks at rule, end and clock itself."""

import django.db.models.deletion
from django.db import migrations, models

APPEND_ONLY = ("deletion_erasureevent", "deletion_erasurecertificate", "deletion_caseevent", "deletion_casenote")
EXPIRY = """
-- The last day on which what ended at this moment may be kept under the longest of these rules; null without a rule or an end.
CREATE FUNCTION deletion_process_keeps_until(wanted text[], ended timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT max((CASE WHEN r.to_year_end THEN make_date(extract(year FROM began.day)::int, 12, 31) ELSE began.day END)
        + make_interval(months => r.months, days => r.days))::date
    FROM deletion_retentionrule r, LATERAL (SELECT (ended AT TIME ZONE 'Europe/Berlin')::date AS day) began
    WHERE r.dataset = ANY (wanted) AND r.start = 'process'
$$;

-- When the deletion ended with all that it had left to keep: null while it runs, a hold stands or agreements of the account are kept,
-- since their end takes its period from the request and is written on a supplement to the certificate.
CREATE FUNCTION deletion_request_ended_at(request bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN q.state = 'withdrawn' THEN q.withdrawn_at WHEN q.state = 'completed' THEN GREATEST(q.finished_at,
        (SELECT max(c.issued_at) FROM deletion_erasurecertificate c WHERE c.request_id = q.id)) END
    FROM deletion_erasurerequest q
    WHERE q.id = request
        AND NOT EXISTS (SELECT FROM deletion_legalhold h WHERE h.customer_reference = q.customer_reference AND h.released_at IS NULL)
        AND (q.state = 'withdrawn' OR NOT EXISTS (SELECT FROM dpa_acceptance WHERE customer_id = q.customer_number)
            AND NOT EXISTS (SELECT FROM dpa_serving WHERE customer_id = q.customer_number)
            AND NOT EXISTS (SELECT FROM dpa_paperagreement WHERE customer_id = q.customer_number))
$$;
CREATE FUNCTION deletion_request_has_expired(request bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(deletion_process_keeps_until(
        ARRAY['deletion.erasurerequest', 'deletion.casefile', 'deletion.caseevent', 'deletion.casenote', 'deletion.handwork'],
        deletion_request_ended_at(request)) < (now() AT TIME ZONE 'Europe/Berlin')::date, false)
$$;
CREATE FUNCTION deletion_case_has_expired(wanted bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.erasure_id IS NOT NULL THEN deletion_request_has_expired(c.erasure_id) ELSE COALESCE(deletion_process_keeps_until(
        ARRAY['deletion.casefile', 'deletion.caseevent', 'deletion.casenote'], c.ended_at)
        < (now() AT TIME ZONE 'Europe/Berlin')::date, false) END
        AND NOT EXISTS (SELECT FROM deletion_legalhold h WHERE h.customer_reference = c.customer_reference AND h.released_at IS NULL)
    FROM deletion_casefile c WHERE c.id = wanted
$$;

-- Stands before publishing_append_only on what lies in a file: everything is refused but the deletion of what has had its time.
CREATE FUNCTION deletion_keep_file_until_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF TG_TABLE_NAME IN ('deletion_caseevent', 'deletion_casenote') THEN
            IF deletion_case_has_expired((to_jsonb(OLD) ->> 'case_id')::bigint) THEN RETURN OLD; END IF;
        ELSIF deletion_request_has_expired((to_jsonb(OLD) ->> 'request_id')::bigint) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are kept as they were written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- The one way in which files go, at most so many at once. Fence and tombstone stay, and with them the ledger's entry: the account
-- must never come back. It belongs to the owner of the tables; the portal's role has no right to delete these rows itself.
CREATE FUNCTION deletion_erase_files(most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    requests bigint[];
    cases bigint[];
BEGIN
    requests := ARRAY(SELECT id FROM deletion_erasurerequest WHERE state IN ('withdrawn', 'completed')
        AND deletion_request_has_expired(id) ORDER BY id LIMIT most);
    cases := ARRAY(SELECT id FROM deletion_casefile WHERE erasure_id = ANY (requests)) || ARRAY(SELECT id FROM deletion_casefile
        WHERE erasure_id IS NULL AND state <> 'open' AND deletion_case_has_expired(id) ORDER BY id LIMIT most);
    DELETE FROM deletion_caseperson WHERE case_id = ANY (cases);
    DELETE FROM deletion_caseevent WHERE case_id = ANY (cases);
    DELETE FROM deletion_casenote WHERE case_id = ANY (cases);
    UPDATE deletion_casefile SET duplicate_of_id = NULL WHERE duplicate_of_id = ANY (cases);
    DELETE FROM deletion_casefile WHERE id = ANY (cases);
    UPDATE deletion_erasurefence SET request_id = NULL WHERE request_id = ANY (requests);
    DELETE FROM deletion_statuscall s USING deletion_machinerequest m WHERE m.id = s.machine_request_id AND m.request_id = ANY (requests);
    DELETE FROM deletion_machinerequest WHERE request_id = ANY (requests);
    DELETE FROM deletion_erasurecontact WHERE request_id = ANY (requests);
    DELETE FROM deletion_subprocessornotice WHERE request_id = ANY (requests);
    DELETE FROM deletion_handwork h USING deletion_erasurestep s WHERE s.id = h.step_id AND s.request_id = ANY (requests);
    DELETE FROM deletion_erasurestep WHERE request_id = ANY (requests);
    DELETE FROM deletion_erasureevent WHERE request_id = ANY (requests);
    DELETE FROM deletion_erasurecertificate WHERE request_id = ANY (requests);
    DELETE FROM deletion_erasurerequest WHERE id = ANY (requests);
    RETURN cardinality(cases) + (SELECT count(*) FROM unnest(requests));
END $$;
"""
UNDO = """
DROP FUNCTION deletion_erase_files(integer); DROP FUNCTION deletion_keep_file_until_expiry();
DROP FUNCTION deletion_case_has_expired(bigint); DROP FUNCTION deletion_request_has_expired(bigint);
DROP FUNCTION deletion_request_ended_at(bigint); DROP FUNCTION deletion_process_keeps_until(text[], timestamptz);
"""
REPLACE = """
DROP TRIGGER never_changed ON {table};
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changed;
"""
COPY = "deletion_ledger_certificate"
# The rules stand in the other database, which alone decides; here three years to the end of the year are the least.
LEDGER = """
CREATE FUNCTION deletion_ledger_has_expired(wanted text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE((make_date(extract(year FROM max(issued_at) AT TIME ZONE 'Europe/Berlin')::int, 12, 31) + make_interval(years => 3))::date
        < (now() AT TIME ZONE 'Europe/Berlin')::date, false)
    FROM deletion_ledger_certificate WHERE request_reference = wanted
$$;
CREATE FUNCTION deletion_ledger_keep_until_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF deletion_ledger_has_expired(OLD.request_reference) THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '% of the ledger of erasures is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION deletion_ledger_erase(wanted text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    counted bigint;
BEGIN
    IF NOT deletion_ledger_has_expired(wanted) THEN RETURN 0; END IF;
    DELETE FROM deletion_ledger_certificate WHERE request_reference = wanted;
    GET DIAGNOSTICS counted = ROW_COUNT;
    RETURN counted;
END $$;
"""
LEDGER_UNDO = """
DROP FUNCTION deletion_ledger_erase(text); DROP FUNCTION deletion_ledger_keep_until_expiry(); DROP FUNCTION deletion_ledger_has_expired(text);
"""


def guarded_by(function, tables=APPEND_ONLY):
    return "".join(REPLACE.format(table=table, function=function) for table in tables)


class Migration(migrations.Migration):
    dependencies = [("deletion", "0018_norms_in_german"), ("dpa", "0002_guards"), ("publishing", "0001_immutability")]
    operations = [
        migrations.AlterField(
            "erasurefence",
            "request",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fence",
                to="deletion.erasurerequest",
                verbose_name="deletion request",
            ),
        ),
        migrations.RunSQL(EXPIRY + guarded_by("deletion_keep_file_until_expiry"), guarded_by("publishing_append_only") + UNDO),
        migrations.RunSQL(
            LEDGER + guarded_by("deletion_ledger_keep_until_expiry", (COPY,)),
            guarded_by("deletion_ledger_append_only", (COPY,)) + LEDGER_UNDO,
            hints={"ledger": True},
        ),
    ]
