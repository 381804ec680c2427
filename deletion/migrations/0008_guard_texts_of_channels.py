"""What hangs on a channel refuses late rows too: it carries the key of the channel, and the channel that of the account."""

from __future__ import annotations

from django.db import migrations

OF_CHANNELS = ("privacy_text_channeltext", "privacy_text_channeltextdraft", "privacy_text_textupdate", "privacy_text_placement")
FUNCTION = """
CREATE FUNCTION deletion_refuse_fenced_channel() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE account bigint;
BEGIN
    SELECT customer_id INTO account FROM customers_channel WHERE id = NEW.channel_id;
    PERFORM FROM customers_customer WHERE id = account FOR KEY SHARE;
    IF EXISTS (SELECT FROM deletion_erasurefence WHERE customer_number = account) THEN
        RAISE EXCEPTION 'account % is being erased', account USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGER = """
CREATE TRIGGER refuse_fenced_channel BEFORE INSERT OR UPDATE OF channel_id ON {table}
FOR EACH ROW EXECUTE FUNCTION deletion_refuse_fenced_channel();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_fenced_channel;
"""


class Migration(migrations.Migration):
    dependencies = [("deletion", "0007_guard_channels"), ("privacy_text", "0007_channel_texts")]
    operations = [
        migrations.RunSQL(
            FUNCTION + "".join(TRIGGER.format(table=table) for table in OF_CHANNELS),
            "".join(f"DROP TRIGGER refuse_fenced_channel ON {table};" for table in OF_CHANNELS)
            + "DROP FUNCTION deletion_refuse_fenced_channel();",
        ),
    ]
