"""Rows that the law keeps can go when their time is over, and not before: the database itself looks at rule, tombstone and clock."""

from django.db import migrations

PUBLISHED = ("dpa_acceptance", "dpa_executedagreement", "dpa_serving", "dpa_paperagreement")
EXPIRY = """
-- The last day on which rows of this type of an erased account may be kept; null without a rule or a tombstone.
CREATE FUNCTION deletion_keeps_until(wanted text, account bigint) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT ((CASE WHEN r.to_year_end THEN make_date(extract(year FROM began.day)::int, 12, 31) ELSE began.day END)
        + make_interval(months => r.months, days => r.days))::date
    FROM deletion_retentionrule r, deletion_tombstone t
    JOIN deletion_erasurerequest q ON q.reference = t.request_reference,
    LATERAL (SELECT (q.started_at AT TIME ZONE 'Europe/Berlin')::date AS day) began
    WHERE r.dataset = wanted AND r.start = 'relationship' AND t.customer_number = account
$$;
CREATE FUNCTION deletion_has_expired(wanted text, account bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(deletion_keeps_until(wanted, account) < (now() AT TIME ZONE 'Europe/Berlin')::date, false)
$$;

-- Stands before publishing_append_only where rows expire: everything is refused but the deletion of what has had its time.
CREATE FUNCTION deletion_keep_until_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF TG_TABLE_NAME = 'dpa_executedagreement' THEN
            SELECT customer_id INTO account FROM dpa_acceptance WHERE id = OLD.acceptance_id;
        ELSE
            account := (to_jsonb(OLD) ->> 'customer_id')::bigint;
        END IF;
        IF deletion_has_expired(replace(TG_TABLE_NAME, '_', '.'), account) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are kept as they were written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- The one way in which kept rows go. It belongs to the owner of the tables; the portal's role has no right to delete them itself.
CREATE FUNCTION deletion_erase_expired(account bigint) RETURNS TABLE (dataset text, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    counted bigint;
BEGIN
    IF EXISTS (SELECT FROM deletion_legalhold h JOIN deletion_tombstone t USING (customer_reference)
               WHERE t.customer_number = account AND h.released_at IS NULL) THEN
        RETURN;
    END IF;
    IF deletion_has_expired('dpa.acceptanceparty', account) THEN
        DELETE FROM dpa_acceptanceparty WHERE acceptance_id IN (SELECT id FROM dpa_acceptance WHERE customer_id = account);
        GET DIAGNOSTICS counted = ROW_COUNT; dataset := 'dpa.acceptanceparty'; number := counted; RETURN NEXT;
    END IF;
    IF deletion_has_expired('dpa.executedagreement', account) THEN
        DELETE FROM dpa_executedagreement WHERE acceptance_id IN (SELECT id FROM dpa_acceptance WHERE customer_id = account);
        GET DIAGNOSTICS counted = ROW_COUNT; dataset := 'dpa.executedagreement'; number := counted; RETURN NEXT;
    END IF;
    IF deletion_has_expired('dpa.serving', account) THEN
        DELETE FROM dpa_serving WHERE customer_id = account;
        GET DIAGNOSTICS counted = ROW_COUNT; dataset := 'dpa.serving'; number := counted; RETURN NEXT;
    END IF;
    IF deletion_has_expired('dpa.paperagreement', account) THEN
        DELETE FROM dpa_paperagreement WHERE customer_id = account;
        GET DIAGNOSTICS counted = ROW_COUNT; dataset := 'dpa.paperagreement'; number := counted; RETURN NEXT;
    END IF;
    IF deletion_has_expired('dpa.acceptance', account) AND NOT EXISTS (
        SELECT FROM dpa_acceptance a WHERE a.customer_id = account AND (
            EXISTS (SELECT FROM dpa_acceptanceparty p WHERE p.acceptance_id = a.id)
            OR EXISTS (SELECT FROM dpa_executedagreement e WHERE e.acceptance_id = a.id))) THEN
        DELETE FROM dpa_acceptance WHERE customer_id = account;
        GET DIAGNOSTICS counted = ROW_COUNT; dataset := 'dpa.acceptance'; number := counted; RETURN NEXT;
    END IF;
END $$;
"""
UNDO = """
DROP FUNCTION deletion_erase_expired(bigint); DROP FUNCTION deletion_keep_until_expiry();
DROP FUNCTION deletion_has_expired(text, bigint); DROP FUNCTION deletion_keeps_until(text, bigint);
"""
REPLACE = """
DROP TRIGGER never_changed ON {table};
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changed;
"""


def guarded_by(function: str) -> str:
    return "".join(REPLACE.format(table=table, function=function) for table in PUBLISHED)


class Migration(migrations.Migration):
    dependencies = [("deletion", "0013_guard_exports"), ("dpa", "0002_guards"), ("publishing", "0001_immutability")]
    operations = [
        migrations.RunSQL(EXPIRY + guarded_by("deletion_keep_until_expiry"), guarded_by("publishing_append_only") + UNDO),
    ]
