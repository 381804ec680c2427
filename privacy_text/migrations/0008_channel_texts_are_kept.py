"""A saved text is never changed; a channel is of a type that exists."""

from __future__ import annotations

from django.db import migrations

# Who saved it may be forgotten, when the person is; the text with its channel, when the account is.
GUARDS = """
CREATE FUNCTION privacy_text_keep_saved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.saved_by_id IS NULL AND to_jsonb(NEW) - 'saved_by_id' = to_jsonb(OLD) - 'saved_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a saved text is never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE ON privacy_text_channeltext FOR EACH ROW EXECUTE FUNCTION privacy_text_keep_saved();
ALTER TABLE privacy_text_channeltext ENABLE ALWAYS TRIGGER never_changed;

CREATE INDEX customers_channel_by_type ON customers_channel (channel_type);
ALTER TABLE customers_channel ADD CONSTRAINT channel_type_known FOREIGN KEY (channel_type) REFERENCES privacy_text_channeltype (key)
    DEFERRABLE INITIALLY DEFERRED;
"""
REMOVAL = """
ALTER TABLE customers_channel DROP CONSTRAINT channel_type_known;
DROP INDEX customers_channel_by_type;
DROP TRIGGER never_changed ON privacy_text_channeltext;
DROP FUNCTION privacy_text_keep_saved();
"""


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0007_channel_texts"), ("customers", "0002_channels")]
    operations = [migrations.RunSQL(GUARDS, REMOVAL)]
