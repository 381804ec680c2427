from django.db import migrations

APPEND_ONLY = ("dpa_acceptance", "dpa_executedagreement", "dpa_serving", "dpa_paperagreement", "dpa_agreementdocument")


def guards() -> str:
    statements = [
        """
        CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON dpa_agreementversion
            FOR EACH ROW EXECUTE FUNCTION publishing_keep_published();
        CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dpa_agreementversion
            FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
        CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON dpa_agreementtext
            FOR EACH ROW EXECUTE FUNCTION publishing_keep_rows_of_published('dpa_agreementversion', 'version_id');
        CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dpa_agreementtext
            FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
        CREATE TRIGGER never_changed BEFORE UPDATE ON dpa_acceptanceparty
            FOR EACH ROW EXECUTE FUNCTION publishing_append_only();
        CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dpa_acceptanceparty
            FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
        ALTER TABLE dpa_agreementversion ENABLE ALWAYS TRIGGER keep_published;
        ALTER TABLE dpa_agreementversion ENABLE ALWAYS TRIGGER never_emptied;
        ALTER TABLE dpa_agreementtext ENABLE ALWAYS TRIGGER keep_published;
        ALTER TABLE dpa_agreementtext ENABLE ALWAYS TRIGGER never_emptied;
        ALTER TABLE dpa_acceptanceparty ENABLE ALWAYS TRIGGER never_changed;
        ALTER TABLE dpa_acceptanceparty ENABLE ALWAYS TRIGGER never_emptied;
        """
    ]
    statements += [
        f"""
        CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION publishing_append_only();
        CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changed;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_emptied;
        """
        for table in APPEND_ONLY
    ]
    return "".join(statements)


def removal() -> str:
    tables = ("dpa_agreementversion", "dpa_agreementtext", "dpa_acceptanceparty", *APPEND_ONLY)
    return "".join(
        f"DROP TRIGGER IF EXISTS {name} ON {table};" for table in tables for name in ("keep_published", "never_changed", "never_emptied")
    )


class Migration(migrations.Migration):
    dependencies = [("dpa", "0001_initial"), ("publishing", "0001_immutability")]
    operations = [migrations.RunSQL(guards(), removal())]
