"""A cancellation names its company by reference, so that its end is said; a file stays until all that the account left to keep is gone."""

from django.db import migrations, models

FILE = "'deletion.erasurerequest', 'deletion.casefile', 'deletion.caseevent', 'deletion.casenote', 'deletion.handwork'"
ENDED = """
-- When the deletion ended with all that it had left to keep: null while it runs, a hold stands or {what} of the account are kept,
-- since their end is written on a supplement to the certificate.
CREATE OR REPLACE FUNCTION deletion_request_ended_at(request bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN q.state = 'withdrawn' THEN q.withdrawn_at WHEN q.state = 'completed' THEN GREATEST(q.finished_at,
        (SELECT max(c.issued_at) FROM deletion_erasurecertificate c WHERE c.request_id = q.id)) END
    FROM deletion_erasurerequest q
    WHERE q.id = request
        AND NOT EXISTS (SELECT FROM deletion_legalhold h WHERE h.customer_reference = q.customer_reference AND h.released_at IS NULL)
        AND (q.state = 'withdrawn' OR NOT EXISTS (SELECT FROM dpa_acceptance WHERE customer_id = q.customer_number)
            AND NOT EXISTS (SELECT FROM dpa_serving WHERE customer_id = q.customer_number)
            AND NOT EXISTS (SELECT FROM dpa_paperagreement WHERE customer_id = q.customer_number){more})
$$;
"""
CANCELLATIONS = """
            AND NOT EXISTS (SELECT FROM deletion_cancellation k WHERE k.customer_reference = q.customer_reference)"""
EXPIRED = """
CREATE OR REPLACE FUNCTION deletion_request_has_expired(request bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(deletion_process_keeps_until(ARRAY[{file}], deletion_request_ended_at(request))
        < (now() AT TIME ZONE 'Europe/Berlin')::date, false)
$$;
CREATE OR REPLACE FUNCTION deletion_case_has_expired(wanted bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.erasure_id IS NOT NULL THEN deletion_request_has_expired(c.erasure_id) ELSE COALESCE(deletion_process_keeps_until(
        ARRAY[{case}], c.ended_at) < (now() AT TIME ZONE 'Europe/Berlin')::date, false) END
        AND NOT EXISTS (SELECT FROM deletion_legalhold h WHERE h.customer_reference = c.customer_reference AND h.released_at IS NULL)
    FROM deletion_casefile c WHERE c.id = wanted
$$;
"""
WHOLE_FILE = FILE + ", 'deletion.machinerequest'"
CASE = "'deletion.casefile', 'deletion.caseevent', 'deletion.casenote'"


class Migration(migrations.Migration):
    dependencies = [("deletion", "0027_exports_that_failed")]
    operations = [
        migrations.AddField(
            "cancellation",
            "customer_reference",
            models.UUIDField(db_index=True, editable=False, null=True, verbose_name="customer’s reference"),
        ),
        migrations.RunSQL(
            ENDED.format(what="agreements or cancellations", more=CANCELLATIONS) + EXPIRED.format(file=WHOLE_FILE, case=WHOLE_FILE),
            ENDED.format(what="agreements", more="") + EXPIRED.format(file=FILE, case=CASE),
        ),
    ]
