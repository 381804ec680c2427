"""Delete subscriptions without the look-up that the foreign key of activity costs for each of them: none can be left, and none can come."""

from django.db import migrations

ERASE = """
-- Of one account that is closed for writing and whose activity is gone: the trigger refuse_fenced keeps new activity out, and its
-- foreign key holds the company's key too, so nothing can refer to these rows. Looking for it row by row took most of the time.
-- It belongs to the owner of the tables. Only where a superuser granted the owner SET ON PARAMETER session_replication_role is the
-- look-up left out; elsewhere the same rows go with it. Guards stand before both: they are ENABLE ALWAYS.
CREATE FUNCTION deletion_erase_subscriptions(account bigint, above bigint, upto bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    gone bigint;
    unlooked boolean := has_parameter_privilege('session_replication_role', 'SET');
BEGIN
    IF NOT EXISTS (SELECT FROM deletion_erasurefence WHERE customer_number = account) THEN
        RAISE EXCEPTION 'account % is not closed for writing', account USING ERRCODE = 'restrict_violation';
    END IF;
    IF above IS NULL AND EXISTS (SELECT FROM subscriptions_activity WHERE customer_id = account) THEN
        RAISE EXCEPTION 'activity of account % is left', account USING ERRCODE = 'restrict_violation';
    END IF;
    IF unlooked THEN PERFORM set_config('session_replication_role', 'replica', true); END IF;
    DELETE FROM subscriptions_subscription WHERE customer_id = account AND id > COALESCE(above, -9223372036854775808) AND id <= upto;
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF unlooked THEN PERFORM set_config('session_replication_role', 'origin', true); END IF;
    RETURN gone;
END $$;
REVOKE ALL ON FUNCTION deletion_erase_subscriptions(bigint, bigint, bigint) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deletion", "0021_progress_is_watched"),
        ("subscriptions", "0006_activity_of_the_same_company"),
    ]
    operations = [migrations.RunSQL(ERASE, "DROP FUNCTION deletion_erase_subscriptions(bigint, bigint, bigint);")]
