from django.db import migrations

APPEND_ONLY = ("deletion_erasureevent", "deletion_tombstone", "deletion_erasurecertificate")
WITH_ACCOUNT_KEY = (
    "subscriptions_subscription",
    "customers_membership",
    "customers_invitation",
    "customers_apitoken",
    "dpa_decline",
    "dpa_delegation",
    "dpa_acceptance",
    "dpa_serving",
    "dpa_paperagreement",
)
FENCE = """
-- A late write to an account that is being erased is refused. The lock makes an insert wait for the transaction that raises
-- the fence, and that transaction wait for inserts before it: Django's foreign keys take their lock at the end only.
CREATE FUNCTION deletion_refuse_fenced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;
    IF EXISTS (SELECT FROM deletion_erasurefence WHERE customer_number = NEW.customer_id) THEN
        RAISE EXCEPTION 'account % is being erased', NEW.customer_id USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION deletion_keep_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM deletion_tombstone WHERE customer_number = NEW.id OR customer_reference = NEW.reference) THEN
        RAISE EXCEPTION 'account % was erased', NEW.id USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER never_again BEFORE INSERT ON customers_customer FOR EACH ROW EXECUTE FUNCTION deletion_keep_number();

CREATE FUNCTION deletion_keep_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('withdrawn', 'completed') AND NEW.state <> OLD.state
        OR OLD.state NOT IN ('requested') AND NEW.state IN ('requested', 'withdrawn') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a deletion request cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_way BEFORE UPDATE OF state ON deletion_erasurerequest FOR EACH ROW EXECUTE FUNCTION deletion_keep_end();
"""
UNFENCE = """
DROP TRIGGER one_way ON deletion_erasurerequest; DROP FUNCTION deletion_keep_end();
DROP TRIGGER never_again ON customers_customer; DROP FUNCTION deletion_keep_number();
DROP FUNCTION deletion_refuse_fenced();
"""
TRIGGER = """
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE OF customer_id ON {table} FOR EACH ROW EXECUTE FUNCTION deletion_refuse_fenced();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_fenced;
"""
GUARD = """
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changed, ENABLE ALWAYS TRIGGER never_emptied;
"""
UNGUARD = "DROP TRIGGER never_changed ON {table}; DROP TRIGGER never_emptied ON {table};"
LEDGER = """
CREATE FUNCTION deletion_ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of the ledger of erasures is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
""" + GUARD.format(table="deletion_ledger_entry", function="deletion_ledger_append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("deletion", "0002_engine"),
        ("customers", "0001_parties_and_people"),
        ("dpa", "0002_guards"),
        ("publishing", "0001_immutability"),
        ("subscriptions", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(FENCE, UNFENCE),
        migrations.RunSQL(
            "".join(TRIGGER.format(table=table) for table in WITH_ACCOUNT_KEY),
            "".join(f"DROP TRIGGER refuse_fenced ON {table};" for table in WITH_ACCOUNT_KEY),
        ),
        migrations.RunSQL(
            "".join(GUARD.format(table=table, function="publishing_append_only") for table in APPEND_ONLY),
            "".join(UNGUARD.format(table=table) for table in APPEND_ONLY),
        ),
        migrations.RunSQL(
            LEDGER,
            UNGUARD.format(table="deletion_ledger_entry") + "DROP FUNCTION deletion_ledger_append_only();",
            hints={"ledger": True},
        ),
    ]
